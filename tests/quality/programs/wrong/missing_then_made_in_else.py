# FINDS: atomicity-violation on numbers
# index() raises where nothing is found; both append.
import threading

numbers = [1]


def ensure(number):
    try:
        numbers.index(number)
    except ValueError:
        numbers.append(number)


threads = [threading.Thread(target=ensure, args=(each,)) for each in (7, 7)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(numbers)
