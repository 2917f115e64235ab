# CLEAN: as many sentinels as processes, and the sum is under the Value's lock
import multiprocessing


def work(jobs, total):
    while (job := jobs.get()) is not None:
        with total.get_lock():
            total.value += job


if __name__ == "__main__":
    jobs = multiprocessing.Queue()
    total = multiprocessing.Value("i", 0)
    workers = [multiprocessing.Process(target=work, args=(jobs, total)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for job in (1, 2, 3, None, None):
        jobs.put(job)
    for worker in workers:
        worker.join()
    assert total.value == 6
