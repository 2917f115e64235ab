# FINDS: atomicity-violation on gate
# Who arrives between the question and the reset is thrown out of the barrier.
import threading

gate = threading.Barrier(2)
broken = []


def clean():
    if gate.n_waiting == 0:
        gate.reset()


def meet():
    try:
        gate.wait(5)
    except threading.BrokenBarrierError:
        broken.append(1)
        gate.abort()


threads = [threading.Thread(target=function) for function in (clean, meet, meet)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(broken))
