# FINDS: atomicity-violation on jobs
# Both see the last job; the second get raises Empty when its time is over.
import queue
import threading

jobs = queue.Queue()
jobs.put("only")
late = []


def work():
    if not jobs.empty():
        try:
            jobs.get(timeout=0.02)
        except queue.Empty:
            late.append(1)
            raise SystemExit


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(late))
