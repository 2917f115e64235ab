"""A process takes an item of a JoinableQueue and never says that it is done."""

import multiprocessing


def work(jobs):
    jobs.get()


if __name__ == "__main__":
    jobs = multiprocessing.JoinableQueue()
    process = multiprocessing.Process(target=work, args=(jobs,), name="worker")
    process.start()
    jobs.put("job")
    process.join()
    jobs.join()
