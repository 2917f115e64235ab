"""A pool that is terminated with idle workers, and one that is closed and joined."""

import multiprocessing

if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    with context.Pool(3) as pool:
        print(pool.map(abs, range(2)))
    pool = context.Pool(2)
    print(pool.map(abs, range(4)))
    pool.close()
    pool.join()
