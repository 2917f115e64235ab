import _thread, faulthandler, inspect, logging, sys, threading, time, traceback, warnings


def look():
    traceback.print_stack(file=sys.stdout)
    depth = 0
    while True:
        try:
            frame = sys._getframe(depth)
        except ValueError as error:
            print(error)
            break
        print(depth, frame.f_code.co_name, frame.f_lineno, frame.f_back is None)
        depth += 1
    for info in inspect.stack():
        print(info.function, info.lineno, info.code_context)
    print(inspect.getsource(look)[:30])
    sys.stdout.flush()


look()
thread = threading.Thread(target=look, name="one")
thread.start()
thread.join()
done = _thread.allocate_lock()
done.acquire()


def raw():
    look()
    done.release()


_thread.start_new_thread(raw, ())
done.acquire()
while len(sys._current_frames()) > 1:  # the thread has yet to end
    time.sleep(0)


def warn():
    for level in (1, 2, 3, 9):
        warnings.warn(f"level {level}", stacklevel=level)


warn()
logging.basicConfig(
    format="%(module)s %(lineno)d %(funcName)s %(threadName)s %(message)s", stream=sys.stdout
)
logging.warning("one")
logging.getLogger("a").error("two", stack_info=True)


def log():
    logging.warning("three", stacklevel=2)


log()
for frame in sys._current_frames().values():
    traceback.print_stack(frame, file=sys.stdout)
sys.stdout.flush()
faulthandler.dump_traceback(all_threads=False)


def nested():
    depth = 0

    def deeper():
        nonlocal depth
        depth += 1
        deeper()

    try:
        deeper()
    except RecursionError as error:
        print(error, depth)


nested()
thread = threading.Thread(target=nested)
thread.start()
thread.join()


def a(n):
    return b(n + 1)


def b(n):
    return a(n + 1)


a(0)
