# CLEAN: one thread writes the cells and the tail, the other reads them and writes the head
import threading
import time

cells = [None] * 2
head = 0
tail = 0
got = []


def produce():
    global tail
    for number in range(4):
        while tail - head == 2:
            time.sleep(0.001)
        cells[tail % 2] = number
        tail += 1


def consume():
    global head
    while len(got) < 4:
        while head == tail:
            time.sleep(0.001)
        got.append(cells[head % 2])
        head += 1


threads = [threading.Thread(target=function) for function in (produce, consume)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert got == [0, 1, 2, 3]
