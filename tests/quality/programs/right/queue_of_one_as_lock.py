# CLEAN: who has put the token into the queue of one is alone until it takes it out
import queue
import threading

gate = queue.Queue(1)
total = 0


def work():
    global total
    gate.put("in")
    total += 1
    gate.get()


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert total == 3
