# FINDS: atomicity-violation on cache
# Both find nothing under the key, and both make one.
import threading
import weakref


class Picture:
    pass


cache = weakref.WeakValueDictionary()
kept = []


def picture(name):
    if name not in cache:
        made = Picture()
        kept.append(made)
        cache[name] = made


threads = [threading.Thread(target=picture, args=(each,)) for each in ("sun", "sun")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(kept))
