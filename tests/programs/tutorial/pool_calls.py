import multiprocessing
import sys


def square(n):
    return n * n


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1] if sys.argv[1:] else "fork")
    with context.Pool(2) as pool:
        for i in range(5):
            print(pool.apply(square, (i,)))
        print(pool.map(square, range(8)), list(pool.imap(square, range(3))))
