# FINDS: lost-update on items
# `items = items + [x]` makes a new list of the old one; another's is lost.
import threading

items = []


def add(item):
    global items
    items = items + [item]


threads = [threading.Thread(target=add, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(items))
