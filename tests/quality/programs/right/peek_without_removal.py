# CLEAN: nobody takes anything away, so the head stays the head
import threading

line = [1, 2, 3]
seen = []


def look(number):
    seen.append(line[0])
    line.append(number)


threads = [threading.Thread(target=look, args=(each,)) for each in (4, 5)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert seen == [1, 1] and sorted(line) == [1, 2, 3, 4, 5]
