# REPLAYS: idents and native ids of threads, as keys, in texts and of others
import _thread
import signal
import sys
import threading

names = {}
begun, over = threading.Barrier(4), threading.Event()


def work(number):
    names[threading.get_ident()] = number
    print(number, threading.get_native_id(), threading.current_thread())
    begun.wait()
    over.wait()


threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
for thread in threads:
    thread.start()
begun.wait()
assert sorted(sys._current_frames()) == sorted(thread.ident for thread in threading.enumerate())
for thread in threads:
    signal.pthread_kill(thread.ident, 0)
    print(names[thread.ident], thread.native_id, thread)
over.set()
for thread in threads:
    thread.join()
ended = _thread.allocate_lock()
ended.acquire()
ident = []
started = _thread.start_new_thread(lambda: (ident.append(_thread.get_ident()), ended.release()), ())
ended.acquire()
assert ident == [started]
print(names, started, threading.main_thread())
