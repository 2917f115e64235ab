# CLEAN: what is taken out is the total so far, and goes elsewhere
import threading

pending = {"sent": 3}
sent = []


def flush():
    sent.append(pending.pop("sent", 0))


threads = [threading.Thread(target=flush) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(sent) == [0, 3]
