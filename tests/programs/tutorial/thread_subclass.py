import threading
import time


class Worker(threading.Thread):
    def __init__(self, label):
        super().__init__()
        self.label = label

    def run(self):
        print("start of", self.label)
        time.sleep(0.3)
        print("end of", self.label)


Worker("worker").start()
print("main is done")
