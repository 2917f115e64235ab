# FINDS: lost-update on level
# The Value has no lock at all.
import multiprocessing


def fill(level, amount):
    level.value = level.value + amount


if __name__ == "__main__":
    level = multiprocessing.Value("d", 0.0, lock=False)
    workers = [multiprocessing.Process(target=fill, args=(level, n)) for n in (1.5, 2.5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(level.value)
