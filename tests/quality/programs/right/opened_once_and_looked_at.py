# CLEAN: the gate is opened once, after all was made ready
import threading

is_open = False
changed = threading.Condition()
plan = {}
seen = []


def visit():
    with changed:
        while not is_open:
            changed.wait()
    seen.append(sorted(plan))


def prepare():
    global is_open
    plan["hall"] = 1
    plan["tower"] = 2
    with changed:
        is_open = True
        changed.notify_all()


threads = [threading.Thread(target=function) for function in (visit, prepare, visit)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert seen == [["hall", "tower"]] * 2
