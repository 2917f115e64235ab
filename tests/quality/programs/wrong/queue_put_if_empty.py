# FINDS: atomicity-violation on wanted
# Both see it empty, and both put what was to be there once.
import queue
import threading

wanted = queue.Queue()


def want():
    if wanted.empty():
        wanted.put("refresh")


threads = [threading.Thread(target=want) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(wanted.qsize())
