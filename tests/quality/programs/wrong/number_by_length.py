# FINDS: atomicity-violation on numbers
# Both make their number of the same length.
import threading

numbers = {}


def number(name):
    if name not in numbers:
        numbers[name] = len(numbers)


threads = [threading.Thread(target=number, args=(each,)) for each in ("ann", "bob", "cy")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(numbers.values()))
