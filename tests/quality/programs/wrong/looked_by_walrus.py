# FINDS: atomicity-violation on queues
# Both get None, and the second list replaces the first.
import threading

queues = {}


def put(name, item):
    if (queue := queues.get(name)) is None:
        queue = queues[name] = []
    queue.append(item)


threads = [threading.Thread(target=put, args=("a", item)) for item in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(queues["a"]))
