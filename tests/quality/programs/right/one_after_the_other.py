# CLEAN: each thread is joined before the next one starts
import threading

total = 0


def add(amount):
    global total
    total += amount


for each in (1, 2, 3):
    thread = threading.Thread(target=add, args=(each,))
    thread.start()
    thread.join()
assert total == 6
