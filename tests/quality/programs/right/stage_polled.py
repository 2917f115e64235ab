# CLEAN: the number is changed only after the stage was seen that comes after it was set
import threading
import time

stage = 0
value = 0


def first():
    global stage, value
    value = 7
    stage = 1


def second():
    global value, stage
    while stage < 1:
        time.sleep(0.001)
    value += 1
    stage = 2


def third():
    global value
    while stage < 2:
        time.sleep(0.001)
    value *= 2


threads = [threading.Thread(target=function) for function in (third, second, first)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert value == 16
