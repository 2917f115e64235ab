# FINDS: lost-update on seen
# A tuple can't grow in place: the old one is read, a new one stored.
import threading

seen = ()


def see(thing):
    global seen
    seen = seen + (thing,)


threads = [threading.Thread(target=see, args=(each,)) for each in ("cat", "dog", "hen")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(seen))
