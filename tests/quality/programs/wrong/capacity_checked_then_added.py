# FINDS: atomicity-violation on guests
# Both see one free place, and both take it.
import threading

guests = ["ann"]


def invite(name):
    if len(guests) < 2:
        guests.append(name)


threads = [threading.Thread(target=invite, args=(each,)) for each in ("bob", "cy")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(guests))
