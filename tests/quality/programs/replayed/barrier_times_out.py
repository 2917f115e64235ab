# REPLAYS: a barrier that breaks, since one thread does not come in time
import threading

barrier = threading.Barrier(3)
out = []


def work(k):
    try:
        out.append(barrier.wait(timeout=0.01 * k))
    except threading.BrokenBarrierError:
        out.append("broken")


threads = [threading.Thread(target=work, args=(k,)) for k in (1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(out)
