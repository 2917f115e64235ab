# FINDS: atomicity-violation on names
# The methods are kept in variables; the look and the append are two steps all the same.
import threading

names = ["ann"]
add = names.append
count = names.count


def register(name):
    if count(name) == 0:
        add(name)


threads = [threading.Thread(target=register, args=(each,)) for each in ("bob", "bob")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(names)
