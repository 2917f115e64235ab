import queue
import threading
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(4) as pool:
    print(sum(pool.map(lambda number: number * number, range(20))))

condition = threading.Condition()
turn = 0


def play(me):
    global turn
    for _ in range(50):
        with condition:
            while turn != me:
                condition.wait()
            turn = 1 - me
            condition.notify_all()


def meet():
    for _ in range(5):
        barrier.wait()


barrier = threading.Barrier(3)
threads = [threading.Thread(target=play, args=(me,)) for me in (0, 1)]
threads += [threading.Thread(target=meet) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

items = queue.Queue(2)


def produce():
    for item in range(20):
        items.put(item)
    items.put(None)


threading.Thread(target=produce).start()
got = []
while (item := items.get(timeout=3)) is not None:
    got.append(item)
print(got == list(range(20)))
