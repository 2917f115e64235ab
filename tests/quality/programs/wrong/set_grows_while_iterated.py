# FINDS: atomicity-violation | data-race on clients
# A client that comes during the loop makes it fail: RuntimeError.
import threading

clients = {"ann", "bob"}
failed = []
told = []


def come(name):
    clients.add(name)


def tell_all():
    try:
        for client in clients:
            told.append(client)
    except RuntimeError:
        failed.append(1)


threads = [threading.Thread(target=tell_all)]
threads += [threading.Thread(target=come, args=(name,)) for name in ("cy", "di")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(failed)
