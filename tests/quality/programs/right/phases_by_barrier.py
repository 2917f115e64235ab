# CLEAN: each writes its own cell in the first phase; all read in the second
import threading

barrier = threading.Barrier(3)
cells = [0, 0, 0]
sums = []


def work(place):
    cells[place] = place + 1
    barrier.wait()
    sums.append(sum(cells))
    barrier.wait()
    cells[place] = 0


threads = [threading.Thread(target=work, args=(each,)) for each in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sums == [6, 6, 6] and cells == [0, 0, 0]
