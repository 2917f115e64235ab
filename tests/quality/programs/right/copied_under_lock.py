# CLEAN: the copy is made under the lock, the loop goes over the copy
import threading

lock = threading.Lock()
clients = {"ann", "bob"}
told = []


def come(name):
    with lock:
        clients.add(name)


def tell_all():
    with lock:
        now = set(clients)
    for client in now:
        told.append(client)


threads = [threading.Thread(target=tell_all)]
threads += [threading.Thread(target=come, args=(name,)) for name in ("cy", "di")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert {"ann", "bob"} <= set(told)
