import atexit, gc, locale, os, signal, sys, threading, time

x: int = 3
print(__annotations__)
for name in list(globals()):
    if name not in ("name", "__annotations__"):
        print(name, repr(globals()[name]))
import __main__

print(__main__ is sys.modules[__name__], list(vars(__main__)))
print(sys.argv, sys.path, sys.flags, sys.warnoptions, sys._xoptions, sys.orig_argv[1:])
print(sys.stdin, sys.stdout, sys.stderr, sys.stdout.line_buffering, sys.stdout.write_through)
print(sys.excepthook, sys.unraisablehook, sys.displayhook, sys.gettrace(), sys.getprofile())
print(sys.executable, sys.prefix, sys.path_hooks[0], sys.path_importer_cache.keys() >= set())
print(threading.excepthook, threading.main_thread(), threading.enumerate())
print(threading.Lock, threading.Thread, threading.Condition, threading.local)
print(time.sleep, time.time, print, input, open, __import__)
print([signal.getsignal(number) for number in signal.valid_signals()])
print(signal.pthread_sigmask(signal.SIG_BLOCK, []))
print(gc.isenabled(), gc.get_threshold(), gc.callbacks, gc.get_freeze_count())
print(atexit._ncallbacks(), sys.getswitchinterval(), sys.getrecursionlimit())
print(locale.getlocale(), os.getcwd(), sys.is_finalizing(), os.environ == dict(os.environ))
print({k: v for k, v in os.environ.items() if k.startswith("PYTHON")})
print(os.open("/dev/null", os.O_RDONLY))
assert True, "not with -O"
if __debug__:
    print("debug")
