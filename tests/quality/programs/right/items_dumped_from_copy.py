# CLEAN: what json.dump goes over is a copy that was made in one step
import io
import json
import threading

state = {"a": 1, "b": 2}
texts = []


def change():
    state["c"] = 3


def save():
    out = io.StringIO()
    json.dump(dict(state), out)
    texts.append(json.loads(out.getvalue()))


threads = [threading.Thread(target=function) for function in (save, change)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert texts[0]["a"] == 1
