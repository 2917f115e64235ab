# CLEAN: a ThreadPool's map returns what the tasks return
from multiprocessing.pool import ThreadPool


def square(number):
    return number * number


with ThreadPool(2) as pool:
    squares = pool.map(square, range(4))
squares.append(16)
assert squares == [0, 1, 4, 9, 16]
