# FINDS: atomicity-violation on tickets
# Both find the ticket, and the second pop raises KeyError.
import threading

tickets = {1: "row 1"}
failed = []


def collect():
    if 1 in tickets:
        try:
            tickets.pop(1)
        except KeyError:
            failed.append(1)


threads = [threading.Thread(target=collect) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(failed))
