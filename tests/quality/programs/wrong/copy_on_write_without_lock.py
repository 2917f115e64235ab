# FINDS: lost-update on routes
# Two copies of the same dict: the one that is swapped in last lacks the other's path.
import threading

routes = {"/": "home"}


def add(path):
    global routes
    changed = dict(routes)
    changed[path] = path
    routes = changed


threads = [threading.Thread(target=add, args=(each,)) for each in ("/a", "/b", "/c")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(routes))
