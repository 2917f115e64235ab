# FINDS: atomicity-violation on names
# Both find the name missing, and it is in the list twice.
import multiprocessing


def register(names, name):
    if name not in names:
        names.append(name)


if __name__ == "__main__":
    with multiprocessing.Manager() as manager:
        names = manager.list()
        workers = [multiprocessing.Process(target=register, args=(names, "ann")) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        print(list(names))
