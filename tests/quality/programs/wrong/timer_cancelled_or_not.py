# FINDS: atomicity-violation on state
# cancel() may come when the timer has looked already: both believe to have decided.
import threading

state = "open"
decided = []


def decide(what):
    global state
    if state == "open":
        state = what
        decided.append(what)


timer = threading.Timer(0.001, decide, ("timed out",))
timer.start()
decide("answered")
timer.cancel()
timer.join()
print(decided)
