# REPLAYS: texts of primitives and threads, which show how those stand while others change it
import threading
import time
from concurrent.futures import ThreadPoolExecutor

event = threading.Event()
semaphore = threading.Semaphore(0)
bounded = threading.BoundedSemaphore(3)
barrier = threading.Barrier(3)
condition = threading.Condition()
lock = threading.Lock()
rlock = threading.RLock()


def work(number):
    for turn in range(20):
        with lock, rlock, bounded:
            semaphore.release()
        with condition:
            condition.wait(0.0002)
        (event.set if turn % 2 else event.clear)()
    barrier.wait()


def watch(threads):
    seen = set()
    for _ in range(40):
        for thread in threads:
            seen.add((thread.ident is None, thread.native_id is None, repr(thread)))
        seen.update(repr(thread) for thread in threading.enumerate())
    print(sorted(seen))


threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
watcher = threading.Thread(target=watch, args=(threads,))
watcher.start()
with ThreadPoolExecutor(2) as pool:
    futures = [pool.submit(time.sleep, 0.001 * number) for number in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        print(event, semaphore, bounded, barrier)
        print(condition, lock, rlock, futures, threads)
barrier.wait()
for thread in (*threads, watcher):
    thread.join()
print(threads, futures)
