# CLEAN: a node that was unlinked under the lock is the thread's until it is linked again
import threading


class Node:
    def __init__(self, following):
        self.following = following
        self.uses = 0


lock = threading.Lock()
places = threading.Semaphore(2)
free = Node(Node(None))


def use():
    global free
    with places:
        with lock:
            node = free
            free = node.following
        node.uses += 1
        with lock:
            node.following = free
            free = node


threads = [threading.Thread(target=use) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert free.uses + free.following.uses == 4
