# FINDS: lost-update on free
# Two unlink the same node, and both use it.
import threading


class Node:
    def __init__(self, following):
        self.following = following


free = Node(Node(Node(None)))
taken = []


def take():
    global free
    node = free
    free = node.following
    taken.append(node)


threads = [threading.Thread(target=take) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(set(map(id, taken))))
