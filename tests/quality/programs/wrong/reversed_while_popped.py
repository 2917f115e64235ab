# FINDS: atomicity-violation | data-race on places
# The index runs down a list that gets shorter: IndexError.
import threading

places = [1, 2, 3]


def drop():
    places.pop()
    places.pop()


def walk():
    for index in range(len(places)):
        places[index]


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=function) for function in (walk, drop)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
