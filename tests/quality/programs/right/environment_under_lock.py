# CLEAN: one lock from the read to the store
import os
import threading

lock = threading.Lock()
os.environ["VISITS"] = "0"


def work():
    with lock:
        os.environ["VISITS"] = str(int(os.environ["VISITS"]) + 1)


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert os.environ["VISITS"] == "2"
