# CLEAN: the length and the append are under one lock
import threading

lock = threading.Lock()
guests = ["ann"]
refused = []


def invite(name):
    with lock:
        room = len(guests) < 2
        if room:
            guests.append(name)
    if not room:
        refused.append(name)


threads = [threading.Thread(target=invite, args=(each,)) for each in ("bob", "cy")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(guests) == 2 and len(refused) == 1
