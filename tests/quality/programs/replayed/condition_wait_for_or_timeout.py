# REPLAYS: Condition.wait_for that is notified about when its time is over
import threading
import time

condition = threading.Condition()
ready = False
out = []


def notify(k):
    global ready
    time.sleep(0.001 * k)
    with condition:
        ready = True
        condition.notify_all()


for k in range(6):
    ready = False
    thread = threading.Thread(target=notify, args=(k,))
    with condition:
        thread.start()
        out.append(condition.wait_for(lambda: ready, timeout=0.003))
    thread.join()
print(out)
