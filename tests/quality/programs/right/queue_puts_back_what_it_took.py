# CLEAN: every thread puts back what it took, and catches Empty
import queue
import threading

idle = queue.Queue(2)
idle.put("a")
idle.put("b")


def use():
    if idle.empty():
        return
    try:
        name = idle.get_nowait()
    except queue.Empty:
        return
    idle.put(name)


threads = [threading.Thread(target=use) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert idle.qsize() == 2
