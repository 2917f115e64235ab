# REPLAYS: Thread.join with a timeout, again and again
import threading
import time


def work():
    time.sleep(0.01)


thread = threading.Thread(target=work)
thread.start()
tries = 0
while thread.is_alive():
    thread.join(0.002)
    tries += 1
print(tries)
