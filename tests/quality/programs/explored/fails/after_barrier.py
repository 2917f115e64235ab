# FAILS: AssertionError
# After the barrier both read and write without a lock.
import threading

barrier = threading.Barrier(2)
total = 0


def work(amount):
    global total
    barrier.wait()
    total += amount


threads = [threading.Thread(target=work, args=(amount,)) for amount in (1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert total == 3, total
