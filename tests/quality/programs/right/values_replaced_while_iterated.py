# CLEAN: a value that is replaced under its key does not change the size, and any value is right
import threading

levels = {"a": 1, "b": 1}
seen = []


def turn_up():
    levels["a"] = 2


def show():
    for name in levels:
        seen.append(name)


threads = [threading.Thread(target=function) for function in (show, turn_up)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert seen == ["a", "b"]
