# CLEAN: the dict's pop gives the object to one thread
import threading

waiting = {"a": [0], "b": [0]}
done = []


def work(name):
    cell = waiting.pop(name, None)
    if cell is not None:
        cell[0] += 1
        done.append(cell[0])


threads = [threading.Thread(target=work, args=(each,)) for each in "aab"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert done == [1, 1]
