# CLEAN: who was woken in vain goes back to look again
import threading

shelf = []
room = threading.Condition()
bought = []


def buy():
    with room:
        while True:
            if not shelf:
                room.wait()
            try:
                bought.append(shelf.pop())
                return
            except IndexError:
                continue


buyers = [threading.Thread(target=buy) for _ in range(2)]
for buyer in buyers:
    buyer.start()
for item in ("a", "b"):
    with room:
        shelf.append(item)
        room.notify_all()
for buyer in buyers:
    buyer.join()
assert sorted(bought) == ["a", "b"]
