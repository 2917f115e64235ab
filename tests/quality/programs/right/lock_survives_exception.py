# CLEAN: the exception leaves the critical section, and the lock is released
import threading

lock = threading.Lock()
count = 0
failed = []


def work(number):
    global count
    try:
        with lock:
            count += 1
            if number == 1:
                raise ValueError(number)
            count += 1
    except ValueError:
        failed.append(number)


threads = [threading.Thread(target=work, args=(each,)) for each in (0, 1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert count == 5 and failed == [1]
