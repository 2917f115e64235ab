# CLEAN: each task returns its part; main adds them up
import concurrent.futures


def square(number):
    return number * number


with concurrent.futures.ThreadPoolExecutor(3) as pool:
    total = sum(pool.map(square, range(4)))
assert total == 14
