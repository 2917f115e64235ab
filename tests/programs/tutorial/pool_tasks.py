import time
from multiprocessing import get_context

def square(n):
    time.sleep(0.01)
    return n * n

def show(result):
    print("got", result)

pool = get_context("fork").Pool(5)
for i in range(10):
    pool.apply_async(square, (i,), callback=show)
pool.close()
pool.join()
print("done")
