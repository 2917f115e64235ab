# FINDS: lost-update on head
# A new node is hung before the head that was read: two threads hang theirs before the same one.
import threading


class Node:
    def __init__(self, value):
        self.value = value
        self.next = None


head = None


def push(value):
    global head
    node = Node(value)
    node.next = head
    head = node


threads = [threading.Thread(target=push, args=(number,)) for number in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
count, node = 0, head
while node:
    count, node = count + 1, node.next
print(count)
