# CLEAN: the lock of the condition is held from the test to the wait
import multiprocessing


def wait(ready, changed):
    with changed:
        while not ready.value:
            changed.wait()


def announce(ready, changed):
    ready.value = 1
    with changed:
        changed.notify_all()


if __name__ == "__main__":
    ready = multiprocessing.Value("i", 0)
    changed = multiprocessing.Condition()
    workers = [
        multiprocessing.Process(target=function, args=(ready, changed))
        for function in (wait, announce)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert ready.value == 1
