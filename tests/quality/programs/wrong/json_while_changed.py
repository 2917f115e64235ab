# FINDS: atomicity-violation | data-race on state
# json.dump goes over the dict step by step: RuntimeError when a key comes.
import io
import json
import threading

state = {"a": 1, "b": [1, 2, 3]}
failed = []


def change():
    state["c"] = 3


def save():
    try:
        json.dump(state, io.StringIO())
    except RuntimeError:
        failed.append(1)


threads = [threading.Thread(target=function) for function in (save, change)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(failed)
