# FINDS: atomicity-violation on tables
# Both get the KeyError, and the second dict replaces the first.
import threading

tables = {}


def put(name, value):
    try:
        table = tables["main"]
    except KeyError:
        table = tables["main"] = {}
    table[name] = value


threads = [threading.Thread(target=put, args=(name, 1)) for name in "abc"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(tables["main"]))
