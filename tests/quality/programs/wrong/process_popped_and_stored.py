# FINDS: lost-update | atomicity-violation on levels
# The level is taken out of the managed dict, and put back changed by each process.
import multiprocessing


def level_up(levels):
    level = levels.pop("ann", 0)
    levels["ann"] = level + 1


if __name__ == "__main__":
    with multiprocessing.Manager() as manager:
        levels = manager.dict({"ann": 5})
        workers = [multiprocessing.Process(target=level_up, args=(levels,)) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        print(dict(levels))
