"""Threads of `_thread`, one of which ends itself and one of which interrupts the main thread."""

import _thread
import time

num = 0
ended = [_thread.allocate_lock() for _ in range(4)]


def work(index: int) -> None:
    global num
    try:
        num += 1
        if index == 1:
            _thread.exit()
        if index == 2:
            _thread.interrupt_main()
    finally:
        ended[index].release()


def stay() -> None:
    while True:
        time.sleep(1)


try:
    for lock in ended:
        lock.acquire()
    for index in range(4):
        _thread.start_new_thread(work, (index,))
    for lock in ended:
        lock.acquire()
    time.sleep(1)
except KeyboardInterrupt:
    print("interrupted")
_thread.start_new_thread(stay, ())
time.sleep(10)
print("end")
