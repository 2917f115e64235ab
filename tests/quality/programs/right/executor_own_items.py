# CLEAN: each task changes its own item
import concurrent.futures

rows = [{"n": n} for n in range(4)]


def double(row):
    row["n"] *= 2


with concurrent.futures.ThreadPoolExecutor(3) as pool:
    list(pool.map(double, rows))
assert [row["n"] for row in rows] == [0, 2, 4, 6]
