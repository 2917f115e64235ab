# FINDS: lost-update on total
# The barrier is passed before the changes, and orders nothing of them.
import threading

barrier = threading.Barrier(2)
total = 0


def work(amount):
    global total
    barrier.wait()
    total += amount


threads = [threading.Thread(target=work, args=(each,)) for each in (1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
