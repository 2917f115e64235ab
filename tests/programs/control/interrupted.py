import os
import signal
import threading

stop = threading.Event()


def work():
    os.kill(os.getpid(), signal.SIGINT)
    while not stop.is_set():
        pass


thread = threading.Thread(target=work)
try:
    thread.start()
    thread.join()
except KeyboardInterrupt:
    print("interrupted")
stop.set()
thread.join()
