# CLEAN: the semaphore starts with nothing; acquire comes after the release
import threading

given = threading.Semaphore(0)
value = 0


def first():
    global value
    value += 3
    given.release()


def second():
    global value
    given.acquire()
    value += 4


threads = [threading.Thread(target=function) for function in (second, first)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert value == 7
