# FINDS: atomicity-violation on jobs
# Both see the last job; the second get waits until its time is over, and its process dies.
import multiprocessing


def work(jobs, start):
    start.wait()
    if not jobs.empty():
        jobs.get(timeout=0.1)


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
