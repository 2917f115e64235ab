# FINDS: lost-update | atomicity-violation on counts
# Each access is a call of the manager; `+=` makes two of them.
import multiprocessing


def work(counts):
    counts["n"] += 1


if __name__ == "__main__":
    with multiprocessing.Manager() as manager:
        counts = manager.dict(n=0)
        workers = [multiprocessing.Process(target=work, args=(counts,)) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        print(counts["n"])
