import threading
import time

flag = False
box = []


def set_flag():
    global flag
    flag = True


def fill():
    time.sleep(0.01)
    box.append(1)


threading.Thread(target=set_flag).start()
while not flag:
    pass
threading.Thread(target=fill).start()
while not box:
    pass
end = time.monotonic() + 0.01
while time.monotonic() < end:
    pass
print("done")
