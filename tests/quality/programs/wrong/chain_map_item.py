# FINDS: lost-update on settings
# `+=` of a ChainMap's item reads through the maps and stores into the first.
import collections
import threading

settings = collections.ChainMap({"level": 0}, {"colour": "red"})


def work():
    for _ in range(2):
        settings["level"] += 1


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(settings["level"])
