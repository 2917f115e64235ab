# CLEAN: the tasks share nothing and return their results
import multiprocessing


def square(number):
    return number * number


if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        squares = pool.map(square, range(4))
    assert sum(squares) == 14
