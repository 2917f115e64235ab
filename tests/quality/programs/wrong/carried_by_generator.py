# FINDS: lost-update on page
# A generator reads in one critical section; what it yields is stored in another.
import threading

lock = threading.Lock()
page = 0


def pages():
    while True:
        with lock:
            now = page
        yield now + 1


def work():
    global page
    for following in pages():
        with lock:
            page = following
        break


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(page)
