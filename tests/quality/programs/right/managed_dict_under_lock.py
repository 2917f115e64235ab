# CLEAN: the lock is held for both calls of the manager
import multiprocessing


def work(counts, lock):
    with lock:
        counts["n"] += 1


if __name__ == "__main__":
    with multiprocessing.Manager() as manager:
        counts = manager.dict(n=0)
        lock = manager.Lock()
        workers = [multiprocessing.Process(target=work, args=(counts, lock)) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert counts["n"] == 2
