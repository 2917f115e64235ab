# FINDS: atomicity-violation on state
# Both wait for "idle" under the lock, and both go on to "running" without it.
import threading

state = "idle"
changed = threading.Condition(threading.RLock())
runs = []


def run(name):
    global state
    with changed:
        while state != "idle":
            changed.wait(1)
    state = "running by " + name
    runs.append(name)
    with changed:
        state = "idle"
        changed.notify()


threads = [threading.Thread(target=run, args=(each,)) for each in ("ann", "bob", "cid")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(runs)
