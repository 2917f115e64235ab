# CLEAN: append is one step, and the order does not matter
import threading

found = []


def search(numbers):
    for number in numbers:
        if number % 2 == 0:
            found.append(number)


threads = [threading.Thread(target=search, args=(each,)) for each in ([1, 2], [3, 4], [5, 6])]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(found) == [2, 4, 6]
