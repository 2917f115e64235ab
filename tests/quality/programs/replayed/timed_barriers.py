import threading
import time

barrier = threading.Barrier(3)
out = []


def meet(k):
    for i in range(10):
        try:
            barrier.wait((0.0005, 0.0002, 0, 0.001)[i % 4])
            out.append((k, "met"))
        except threading.BrokenBarrierError:
            out.append((k, "broken"))
            if k == 0:
                barrier.reset()
        if i % 3 == k % 3:
            time.sleep(0.0002)


threads = [threading.Thread(target=meet, args=(k,)) for k in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(out)
