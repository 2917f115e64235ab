# FINDS: lost-update on total
# The tasks of two processes change one Value.
import multiprocessing

total = multiprocessing.Value("i", 0)


def add(amount):
    total.value += amount


if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        pool.map(add, (1, 2, 3, 4), chunksize=1)
    print(total.value)
