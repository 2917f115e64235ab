# CLEAN: each thread makes what is missing under its own key, and its own default by `or`
import threading

totals = {}
names = {}


def count(name):
    for number in range(3):
        try:
            totals[name] += number
        except KeyError:
            totals[name] = number
        names[name] = names.get(name) or name.upper()


threads = [threading.Thread(target=count, args=(name,)) for name in "abc"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert totals == {"a": 3, "b": 3, "c": 3} and names == {"a": "A", "b": "B", "c": "C"}
