# FINDS: atomicity-violation | data-race on state
# json.dump goes over the dict step by step: RuntimeError when a key comes.
import io
import json
import threading

state = {"a": 1, "b": [1, 2, 3]}


def change():
    state["c"] = 3


def save():
    json.dump(state, io.StringIO())


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=function) for function in (save, change)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
