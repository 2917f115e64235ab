import queue

for kind in (queue.Queue, queue.LifoQueue, queue.PriorityQueue):
    q = kind(maxsize=3)
    for item in (3, 1, 2):
        q.put(item)
    print(q.qsize(), q.full(), q.empty())
    try:
        q.put(4, block=False)
    except queue.Full:
        print("full")
    try:
        q.put(4, timeout=0.05)
    except queue.Full:
        print("still full")
    print([q.get() for _ in range(3)])
    for _ in range(3):
        q.task_done()
    q.join()
    try:
        q.get(block=False)
    except queue.Empty:
        print("empty")
    try:
        q.get(timeout=0.05)
    except queue.Empty:
        print("still empty")
