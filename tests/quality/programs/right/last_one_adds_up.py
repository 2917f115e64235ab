# CLEAN: who counts down to zero under the lock comes after all the others
import threading

lock = threading.Lock()
left = 3
parts = {}
totals = []


def work(number):
    global left
    parts[number] = number * 10
    with lock:
        left -= 1
        last = left == 0
    if last:
        totals.append(sum(parts.values()))


threads = [threading.Thread(target=work, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert totals == [60]
