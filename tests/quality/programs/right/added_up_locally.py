# CLEAN: what is computed without the lock does not rest on the shared number
import threading

lock = threading.Lock()
total = 0


def work(numbers):
    global total
    mine = 0
    for number in numbers:
        mine += number
    with lock:
        total += mine


threads = [threading.Thread(target=work, args=(each,)) for each in ([1, 2], [3], [4, 5])]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert total == 15
