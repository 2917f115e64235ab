# REPLAYS: joins of a thread and of an executor's threads that Ctrl-C interrupts, and joins after that
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

go_on = threading.Event()


def interrupt():
    time.sleep(0.2)
    os.kill(os.getpid(), signal.SIGINT)


def interrupted(wait):
    threading.Thread(target=interrupt).start()
    try:
        wait()
    except KeyboardInterrupt:
        print("interrupted")


idle = threading.Thread(target=go_on.wait, daemon=True)
idle.start()
interrupted(idle.join)
executor = ThreadPoolExecutor(1)
future = executor.submit(go_on.wait)
interrupted(executor.shutdown)
go_on.set()
print(future.result())
idle.join(5)
idle.join()
print(idle.is_alive())
