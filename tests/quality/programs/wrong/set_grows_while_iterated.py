# FINDS: atomicity-violation | data-race on clients
# A client that comes during the loop makes it fail: RuntimeError.
import threading

clients = {"ann", "bob"}
told = []


def come(name):
    clients.add(name)


def tell_all():
    for client in clients:
        told.append(client)


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=tell_all)]
threads += [threading.Thread(target=come, args=(name,)) for name in ("cy", "di")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
