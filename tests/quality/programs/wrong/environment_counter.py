# FINDS: lost-update on environ
# The number is read from the environment and stored there.
import os
import threading

os.environ["VISITS"] = "0"


def work():
    os.environ["VISITS"] = str(int(os.environ["VISITS"]) + 1)


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(os.environ["VISITS"])
