# REPLAYS: Event.wait that is set about when its time is over
import threading
import time

out = []


def work(event, k):
    time.sleep(0.0005 * k)
    event.set()


for k in range(8):
    event = threading.Event()
    thread = threading.Thread(target=work, args=(event, k))
    thread.start()
    out.append(event.wait(0.002))
    thread.join()
print(out)
