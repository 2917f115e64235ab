"""Daemon threads wait when the program ends."""

import queue
import threading

items, bell, lock = queue.Queue(), threading.Event(), threading.Lock()
begun = threading.Barrier(4)
lock.acquire()


def wait_in(function):
    begun.wait()
    function()


for function in (items.get, bell.wait, lock.acquire):
    threading.Thread(target=wait_in, args=(function,), daemon=True).start()
begun.wait()
