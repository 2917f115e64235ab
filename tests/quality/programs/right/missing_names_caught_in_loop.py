# CLEAN: that another has removed it first is expected
import threading

names = {"ann", "bob"}


def clear():
    for name in list(names):
        try:
            names.remove(name)
        except KeyError:
            continue


threads = [threading.Thread(target=clear) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not names
