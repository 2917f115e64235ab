# FINDS: atomicity-violation on jobs
# Both see the job; the second get would wait for ever, but for the job that the parent puts late.
import multiprocessing


def work(jobs, start):
    start.wait()
    if not jobs.empty():
        jobs.get()


if __name__ == "__main__":
    jobs = multiprocessing.SimpleQueue()
    start = multiprocessing.Barrier(2)
    jobs.put("only")
    workers = [multiprocessing.Process(target=work, args=(jobs, start)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(0.5)
    jobs.put("late")
    for worker in workers:
        worker.join()
    print(jobs.empty())
