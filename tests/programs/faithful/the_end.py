import atexit, builtins, sys, threading, weakref


class Said:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("del", self.name, sys.is_finalizing())


first, second, _third = Said(1), Said(2), Said(3)
circle = Said("circle")
circle.me = circle
builtins.kept = Said("kept")
weakref.finalize(first, print, "finalized")
atexit.register(print, "one")


def failing():
    raise RuntimeError("in atexit")


atexit.register(failing)
atexit.register(lambda: print("threads", len(threading.enumerate())))
threading._register_atexit(print, "before the threads' end")
threading.Thread(target=threading.Event().wait, daemon=True).start()
started = threading.Event()
thread = threading.Thread(target=lambda: (started.set(), threading.main_thread().join(), print("t")))
thread.start()
started.wait()
