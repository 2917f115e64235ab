# FAILS: ValueError
# Each worker says that the item is done, the one that did not take it too.
import queue
import threading

q = queue.Queue()
q.put(1)


def work():
    try:
        q.get_nowait()
    except queue.Empty:
        if q.unfinished_tasks:
            q.task_done()
        return
    q.task_done()


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
