# CLEAN: join waits until the child has said task_done for each
import multiprocessing


def work(jobs, total):
    while (job := jobs.get()) is not None:
        total.value += job
        jobs.task_done()
    jobs.task_done()


if __name__ == "__main__":
    jobs = multiprocessing.JoinableQueue()
    total = multiprocessing.Value("i", 0)
    child = multiprocessing.Process(target=work, args=(jobs, total))
    child.start()
    for job in (1, 2, None):
        jobs.put(job)
    jobs.join()
    total.value += 10
    child.join()
    assert total.value == 13
