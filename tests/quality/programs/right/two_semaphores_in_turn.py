# CLEAN: each waits for its own semaphore, which the other one releases
import threading

mine = threading.Semaphore(1)
yours = threading.Semaphore(0)
said = []


def ping():
    for _ in range(3):
        mine.acquire()
        said.append("ping")
        yours.release()


def pong():
    for _ in range(3):
        yours.acquire()
        said.append("pong")
        mine.release()


threads = [threading.Thread(target=function) for function in (ping, pong)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert said == ["ping", "pong"] * 3
