# FINDS: atomicity-violation on groups
# Both find no list, and the second list replaces the first, with what is in it.
import threading

groups = {}


def put(number):
    if "all" not in groups:
        groups["all"] = []
    groups["all"].append(number)


threads = [threading.Thread(target=put, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(groups["all"]))
