# FINDS: lost-update on data
# `+=` of a byte reads and stores.
import threading

data = bytearray(2)


def work():
    for _ in range(2):
        data[0] += 1


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(data[0])
