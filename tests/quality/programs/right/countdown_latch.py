# CLEAN: the last one, by the number under the lock, sets the event; main waits for it
import threading

lock = threading.Lock()
left = 3
all_done = threading.Event()
parts = []


def work(number):
    global left
    parts.append(number)
    with lock:
        left -= 1
        last = left == 0
    if last:
        all_done.set()


threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
for thread in threads:
    thread.start()
all_done.wait()
total = sum(parts)
for thread in threads:
    thread.join()
assert total == 3
