# FINDS: lost-update on total
# The tasks of two processes change one Value, and both may be at it.
import concurrent.futures
import multiprocessing

total = multiprocessing.Value("i", 0)


def prepare(shared):
    global total
    total = shared


def add(amount):
    total.value += amount


if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(2, initializer=prepare, initargs=(total,)) as pool:
        futures = [pool.submit(add, amount) for amount in (1, 2, 3)]
    print(total.value)
