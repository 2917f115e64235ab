# FINDS: lost-update on cells
# Both read the same number, and both store it minus one.
import threading

cells = [10, 10]


def work():
    for _ in range(2):
        cells[1] -= 1


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(cells)
