import _thread, sys, threading


class Falling:
    def __del__(self):
        raise ValueError("in __del__")


falling = Falling()
del falling


def work():
    try:
        1 / 0
    except ZeroDivisionError as error:
        raise KeyError("x") from error


def run(target, *args):
    thread = threading.Thread(target=target, args=args, name="worker")
    thread.start()
    thread.join()


run(work)
threading.excepthook = lambda a: print(a.exc_type, a.thread.name, a.exc_traceback.tb_frame)
run(work)
threading.excepthook = threading.__excepthook__
for code in (None, 3, "text", object()):
    run(sys.exit, code)
reported = threading.Event()
plain_hook = sys.unraisablehook


def hook(about):
    plain_hook(about)
    reported.set()


sys.unraisablehook = hook
_thread.start_new_thread(work, ())
reported.wait()
for arguments in ((3, ()), (work, [1]), (work, (), 3), (work,)):
    try:
        _thread.start_new_thread(*arguments)
    except TypeError as error:
        print(error)


def generate():
    try:
        yield
    finally:
        raise OSError("in a generator")


generator = generate()
next(generator)
del generator


class Code:
    def __str__(self):
        return "a code"


sys.exit(Code())
