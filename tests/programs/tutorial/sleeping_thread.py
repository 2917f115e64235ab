import threading
import time


def work(name):
    print("start of", name)
    time.sleep(0.3)
    print("end of", name)


thread = threading.Thread(target=work, args=("worker",))
thread.start()
print("main is done")
