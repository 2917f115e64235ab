# CLEAN: each worker process has its own globals, and does one task after the other
import multiprocessing

cache = {}
calls = 0


def prepare(start):
    global calls
    calls = start


def square(number):
    global calls
    calls += 1
    if number not in cache:
        cache[number] = number * number
    return cache[number]


if __name__ == "__main__":
    with multiprocessing.Pool(2, prepare, (10,)) as pool:
        assert pool.map(square, (1, 2, 1, 2), chunksize=1) == [1, 4, 1, 4]
    assert not cache and calls == 0
