# FINDS: atomicity-violation on jobs
# Both see the last job; the second get waits until its time is over.
import multiprocessing
import queue


def work(jobs, start):
    start.wait()
    if not jobs.empty():
        try:
            jobs.get(timeout=0.1)
        except queue.Empty:
            raise SystemExit(1)


if __name__ == "__main__":
    jobs = multiprocessing.Queue()
    start = multiprocessing.Barrier(3)
    workers = [multiprocessing.Process(target=work, args=(jobs, start)) for _ in range(2)]
    for worker in workers:
        worker.start()
    jobs.put("only")
    start.wait()
    for worker in workers:
        worker.join()
    print([worker.exitcode for worker in workers])
    jobs.cancel_join_thread()
