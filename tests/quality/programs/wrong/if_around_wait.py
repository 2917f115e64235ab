# FINDS: atomicity-violation on shelf
# Two customers wait, one book comes, both are woken: the second pop raises IndexError.
import threading

shelf = []
room = threading.Condition()


def customer():
    with room:
        if not shelf:
            room.wait(1)
        shelf.pop()


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=customer) for _ in range(2)]
for thread in threads:
    thread.start()
with room:
    shelf.append("book")
    room.notify_all()
for thread in threads:
    thread.join()
