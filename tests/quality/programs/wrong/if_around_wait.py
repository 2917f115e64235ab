# FINDS: atomicity-violation on shelf
# Two customers wait, one book comes, both are woken: the second pop raises IndexError.
import threading

shelf = []
room = threading.Condition()
failed = []


def customer():
    with room:
        if not shelf:
            room.wait(1)
        try:
            shelf.pop()
        except IndexError:
            failed.append(1)


threads = [threading.Thread(target=customer) for _ in range(2)]
for thread in threads:
    thread.start()
with room:
    shelf.append("book")
    room.notify_all()
for thread in threads:
    thread.join()
print(len(failed))
