# FINDS: lost-update | atomicity-violation on batches
# The batch is taken out, and put back longer: who comes meanwhile begins with an empty one.
import threading

batches = {"mail": ["first"]}


def add(entry):
    batch = batches.pop("mail", [])
    batches["mail"] = [*batch, entry]


threads = [threading.Thread(target=add, args=(each,)) for each in ("a", "b")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(batches)
