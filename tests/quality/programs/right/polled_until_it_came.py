# CLEAN: loops that poll with a timeout let nothing past before it has come
import queue
import threading

messages = queue.Queue()
condition = threading.Condition()
stopped = threading.Event()
shelf = []
done = 0
log = []


def produce():
    global done
    done += 1
    messages.put(1)
    with condition:
        shelf.append("x")
        condition.notify()


def consume():
    global done
    while True:
        try:
            messages.get(timeout=0.01)
        except queue.Empty:
            continue
        break
    done += 10
    with condition:
        while not shelf:
            condition.wait(0.01)
        log.append(shelf.pop())
    stopped.set()


threads = [threading.Thread(target=function) for function in (consume, produce)]
for thread in threads:
    thread.start()
while not stopped.wait(0.01):
    pass
done += 100
for thread in threads:
    while thread.is_alive():
        thread.join(0.01)
assert done == 111 and log == ["x"]
