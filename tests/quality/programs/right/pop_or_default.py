# CLEAN: pop with a default is one step, and says who got it
import threading

tickets = {1: "row 1"}
got = []


def collect():
    ticket = tickets.pop(1, None)
    if ticket is not None:
        got.append(ticket)


threads = [threading.Thread(target=collect) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert got == ["row 1"]
