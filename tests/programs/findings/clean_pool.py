"""Results come back through futures."""

from concurrent.futures import ThreadPoolExecutor


def f(i):
    return i * i


with ThreadPoolExecutor(4) as ex:
    r = list(ex.map(f, range(20)))
    fs = [ex.submit(f, i) for i in range(10)]
    print(sum(x.result() for x in fs), sum(r))
