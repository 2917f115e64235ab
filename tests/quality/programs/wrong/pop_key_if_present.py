# FINDS: atomicity-violation on tickets
# Both find the ticket, and the second pop raises KeyError.
import threading

tickets = {1: "row 1"}


def collect():
    if 1 in tickets:
        tickets.pop(1)


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=collect) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
