# FINDS: atomicity-violation | data-race on places
# The index runs down a list that gets shorter: IndexError.
import threading

places = [1, 2, 3]
failed = []


def drop():
    places.pop()
    places.pop()


def walk():
    try:
        for index in range(len(places)):
            places[index]
    except IndexError:
        failed.append(1)


threads = [threading.Thread(target=function) for function in (walk, drop)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(failed)
