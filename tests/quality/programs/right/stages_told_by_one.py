# CLEAN: each waits for its stage, works, and says so; the one who tells waits for that
import threading

stage = "idle"
ready = 0
changed = threading.Condition()
plan = {}
seen = []


def work():
    global ready
    for wanted in ("draw", "paint"):
        with changed:
            while stage != wanted:
                changed.wait()
        seen.append(sorted(plan.items()))
        with changed:
            ready += 1
            changed.notify_all()


def lead():
    global stage
    for number, name in enumerate(("draw", "paint"), 1):
        plan[name] = number
        with changed:
            stage = name
            changed.notify_all()
        with changed:
            while ready < 2 * number:
                changed.wait()


threads = [threading.Thread(target=function) for function in (work, lead, work)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(seen) == 4
assert seen[3] == [("draw", 1), ("paint", 2)]
