# CLEAN: the tasks share nothing and return their results
import concurrent.futures


def double(number):
    return 2 * number


if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        assert sum(pool.map(double, range(4))) == 12
