"""Threads that the system does not start, since there is no room for their stacks."""

import _thread
import threading

usual = threading.stack_size(1 << 46)
for start in (lambda: _thread.start_new_thread(print, ()), threading.Thread().start):
    try:
        start()
    except RuntimeError as error:
        print(error)
threading.stack_size(usual)
thread = threading.Thread(target=print, args=("started",))
thread.start()
thread.join()
