# CLEAN: the module's table is filled when it is imported, and never changed
import threading

table = {}
for number in range(3):
    table[number] = number * number
found = []


def work():
    for number in range(3):
        if number in table:
            found.append(table[number])


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(found) == [0, 0, 1, 1, 4, 4]
