"""A thread takes an RLock twice, gives it back once, and ends."""

import threading

guard = threading.RLock()


def greedy():
    guard.acquire()
    guard.acquire()
    guard.release()


thread = threading.Thread(target=greedy, name="greedy")
thread.start()
thread.join()
guard.acquire()
