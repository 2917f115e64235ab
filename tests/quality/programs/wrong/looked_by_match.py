# FINDS: atomicity-violation on phase
# The match looks, the case stores: both leave the phase "new".
import threading

phase = "new"
starts = []


def advance():
    global phase
    match phase:
        case "new":
            starts.append(1)
            phase = "started"
        case "started":
            phase = "done"


threads = [threading.Thread(target=advance) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(phase, len(starts))
