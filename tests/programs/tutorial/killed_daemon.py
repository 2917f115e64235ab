import threading
import time
import warnings

warnings.simplefilter("ignore", DeprecationWarning)


def work():
    print("worker begins")
    time.sleep(30)
    print("never printed")


thread = threading.Thread(target=work)
thread.setDaemon(True)
thread.start()
time.sleep(0.2)
print("main is done")
