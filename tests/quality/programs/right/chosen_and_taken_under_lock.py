# CLEAN: what is chosen by its place, its key or its size is taken in the same critical section
import bisect
import threading

lock = threading.Lock()
idle = {1: "a", 2: "b", 3: "c"}
pages = [1, 2, 3]
ordered = [10, 30]


def work(number):
    with lock:
        idle.pop(next(iter(idle)))
        del pages[len(pages) - 1]
        ordered.insert(bisect.bisect(ordered, number), number)


threads = [threading.Thread(target=work, args=(number,)) for number in (20, 5)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert (idle, pages, ordered) == ({3: "c"}, [1], [5, 10, 20, 30])
