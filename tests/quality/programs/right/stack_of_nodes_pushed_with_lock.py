# CLEAN: one lock over the head that is read and the node that becomes the head
import threading


class Node:
    def __init__(self, value):
        self.value = value
        self.next = None


head = None
lock = threading.Lock()


def push(value):
    global head
    node = Node(value)
    with lock:
        node.next = head
        head = node


threads = [threading.Thread(target=push, args=(number,)) for number in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
count, node = 0, head
while node:
    count, node = count + 1, node.next
assert count == 3
