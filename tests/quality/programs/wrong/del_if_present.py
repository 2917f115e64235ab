# FINDS: atomicity-violation on leases
# Both find the lease, and the second del raises KeyError.
import threading

leases = {"disk": 1}
failed = []


def release():
    if "disk" in leases:
        try:
            del leases["disk"]
        except KeyError:
            failed.append(1)


threads = [threading.Thread(target=release) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(failed))
