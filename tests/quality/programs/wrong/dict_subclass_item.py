# FINDS: lost-update on ages
# The subclass writes into itself by dict's own method.
import threading


class Lower(dict):
    def __setitem__(self, key, value):
        super().__setitem__(key.lower(), value)


ages = Lower(ann=0)


def birthday():
    ages["ann"] += 1


threads = [threading.Thread(target=birthday) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(ages["ann"])
