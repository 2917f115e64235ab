# CLEAN: who is woken looks again
import threading

shelf = []
room = threading.Condition()
got = []


def customer():
    with room:
        while not shelf:
            room.wait()
        got.append(shelf.pop())


threads = [threading.Thread(target=customer) for _ in range(2)]
for thread in threads:
    thread.start()
for book in (1, 2):
    with room:
        shelf.append(book)
        room.notify_all()
for thread in threads:
    thread.join()
assert sorted(got) == [1, 2]
