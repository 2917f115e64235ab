# CLEAN: it is taken out and put back under one lock of all processes
import multiprocessing


def level_up(levels, lock):
    with lock:
        level = levels.pop("ann", 0)
        levels["ann"] = level + 1


if __name__ == "__main__":
    with multiprocessing.Manager() as manager:
        levels = manager.dict({"ann": 5})
        lock = multiprocessing.Lock()
        workers = [multiprocessing.Process(target=level_up, args=(levels, lock)) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert dict(levels) == {"ann": 7}
