# FAILS: no thread can go on
# Five threads, each takes its lock and the next one's.
import threading

locks = [threading.Lock() for _ in range(5)]


def dine(place):
    with locks[place], locks[(place + 1) % 5]:
        pass


threads = [threading.Thread(target=dine, args=(place,)) for place in range(5)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
