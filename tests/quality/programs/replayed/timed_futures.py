import concurrent.futures as cf
import time

out = []


def work(n):
    time.sleep(0.0003)
    return n


with cf.ThreadPoolExecutor(3) as pool:
    for i in range(6):
        f = pool.submit(work, i)
        for timeout in (0, 0.0002, 0.0001, 0.0003):
            try:
                out.append(f.result(timeout))
            except TimeoutError:
                out.append("late")
        fs = [pool.submit(work, k) for k in range(4)]
        for timeout in (0, 0.0002, 0.0002, 0.0003):
            done, left = cf.wait(fs, timeout)
            out.append(sorted(f.result() for f in done))
        fs = [pool.submit(work, k) for k in range(4)]
        try:
            for f in cf.as_completed(fs, 0.0005):
                out.append(f.result())
        except TimeoutError:
            out.append("over")
print(out)
