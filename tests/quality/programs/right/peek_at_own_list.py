# CLEAN: each thread peeks and pops in a list of its own
import threading

results = []


def work(numbers):
    mine = list(numbers)
    while mine:
        last = mine[-1]
        results.append(last)
        mine.pop()


threads = [threading.Thread(target=work, args=(each,)) for each in ([1, 2], [3, 4])]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(results) == [1, 2, 3, 4]
