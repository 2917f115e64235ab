# CLEAN: the barrier's action runs while all the others wait
import threading

total = 0
parts = [0, 0]


def add_up():
    global total
    total += sum(parts)


barrier = threading.Barrier(2, action=add_up)


def work(place):
    for step in (1, 2):
        parts[place] = step
        barrier.wait()


threads = [threading.Thread(target=work, args=(each,)) for each in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert total == 6
