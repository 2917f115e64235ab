# FINDS: atomicity-violation on ready
# The notify of the other process comes between the test and the wait, which is for nothing.
import multiprocessing


def wait(ready, changed):
    if not ready.value:
        with changed:
            changed.wait(0.05)


def announce(ready, changed):
    ready.value = 1
    with changed:
        changed.notify_all()


if __name__ == "__main__":
    ready = multiprocessing.Value("i", 0)
    changed = multiprocessing.Condition()
    workers = [
        multiprocessing.Process(target=function, args=(ready, changed))
        for function in (wait, wait, wait, announce)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
