# FINDS: atomicity-violation on table
# The conditional expression looks and makes in two steps.
import threading

table = None


def put(name):
    global table
    table = {} if table is None else table
    table[name] = True


threads = [threading.Thread(target=put, args=(each,)) for each in "abc"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(table))
