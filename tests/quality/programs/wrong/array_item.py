# FINDS: lost-update on samples
# `+=` of an array's item reads and stores.
import array
import threading

samples = array.array("l", [0, 0, 0])


def work():
    for _ in range(2):
        samples[1] += 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(samples[1])
