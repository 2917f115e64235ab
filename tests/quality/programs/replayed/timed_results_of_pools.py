import multiprocessing as mp
import multiprocessing.pool
import time


def work(n):
    time.sleep(0.0005)
    return n


def use(pool, out):
    for i in range(8):
        r = pool.apply_async(work, (i,))
        for timeout in (0, 0.0004, 0.0002, 0.0005):
            try:
                out.append(r.get(timeout))
            except mp.TimeoutError:
                out.append("late")
            r.wait(0.0001)
            out.append(r.ready())
        it = pool.imap(work, range(3))
        while True:
            try:
                out.append(it.next(0.0004))
            except mp.TimeoutError:
                out.append("wait")
            except StopIteration:
                break


if __name__ == "__main__":
    out = []
    with mp.pool.ThreadPool(2) as pool:
        use(pool, out)
    with mp.get_context("fork").Pool(2) as pool:
        use(pool, out)
    print(out)
