# CLEAN: others only append, so what one consumer has seen is still there
import threading

backlog = [1, 2]
sent = []


def add(number):
    backlog.append(number)


def send():
    batch = backlog[:2]
    del backlog[:2]
    sent.extend(batch)


threads = [threading.Thread(target=add, args=(number,)) for number in (3, 4)]
threads.append(threading.Thread(target=send))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sent == [1, 2]
