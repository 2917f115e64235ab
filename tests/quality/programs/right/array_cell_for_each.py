# CLEAN: no two threads have the same index
import array
import threading

samples = array.array("l", [0] * 3)


def work(place):
    for _ in range(3):
        samples[place] += 1


threads = [threading.Thread(target=work, args=(each,)) for each in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert list(samples) == [3, 3, 3]
