# CLEAN: who has seen the flag comes after what was done before it was set
import threading
import time

done = False
result = []


def work():
    global done
    result.append(1)
    done = True


def collect():
    while not done:
        time.sleep(0.001)
    result.append(2)


threads = [threading.Thread(target=function) for function in (collect, work)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert result == [1, 2]
