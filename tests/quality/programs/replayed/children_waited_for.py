# REPLAYS: which of several children `os.wait` finds, and how often a look finds none
import os
import random
import time


def begin(count):
    children = {}
    for number in range(count):
        pid = os.fork()
        if pid == 0:
            time.sleep(random.random() / 50)
            os._exit(number)
        children[pid] = number
    return children


children = begin(4)
found = []
for _ in range(4):
    pid, status = os.wait()
    found.append((children[pid], os.waitstatus_to_exitcode(status)))
print(found)
children = begin(3)
found = []
looks = 0
while len(found) < 3:
    pid, status = os.waitpid(-1, os.WNOHANG)
    looks += 1
    if pid == 0:
        time.sleep(0.0005)
        continue
    found.append((children[pid], os.waitstatus_to_exitcode(status)))
print(found, looks)
