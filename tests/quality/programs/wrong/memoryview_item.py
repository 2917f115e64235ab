# FINDS: lost-update on view
# `+=` of a view's item reads and stores.
import threading

view = memoryview(bytearray(4))


def work():
    for _ in range(2):
        view[0] += 1


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(view[0])
