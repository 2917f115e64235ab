import multiprocessing as mp
import queue
import time

TIMES = (0.0005, 0.0001, 0, 0.001)


def child(event, condition, sem, line, conn, k):
    out = []
    for i in range(8):
        out.append(event.wait(TIMES[i % 4]))
        with condition:
            out.append(condition.wait(TIMES[i % 4]))
        if sem.acquire(timeout=TIMES[i % 4]):
            out.append("in")
            time.sleep(0.0001)
            sem.release()
        try:
            out.append(line.get(timeout=TIMES[i % 4]))
        except queue.Empty:
            out.append("empty")
        out.append(conn.poll(TIMES[i % 4]))
    print(k, out, flush=True)


if __name__ == "__main__":
    mp.set_start_method("fork")
    event, condition, sem, line = mp.Event(), mp.Condition(), mp.Semaphore(1), mp.Queue()
    here, there = mp.Pipe()
    children = [
        mp.Process(target=child, args=(event, condition, sem, line, there, k)) for k in range(2)
    ]
    for c in children:
        c.start()
    for i in range(10):
        event.set()
        with condition:
            condition.notify()
        line.put(i)
        event.clear()
        if i == 5:
            here.send("x")
        time.sleep(0.0004)
    line.cancel_join_thread()
    for c in children:
        for timeout in (0, 0.001, 0.0005):
            c.join(timeout)
            print(c.exitcode is None, flush=True)
        c.join()
