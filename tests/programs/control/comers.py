"""All threads wait for what comes from where control does not reach."""

import ctypes
import signal
import subprocess
import sys
import threading

libc = ctypes.CDLL(None)
Function = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)
come = threading.Event()


def of_c(_: object) -> None:
    come.set()


def slowly_of_c(_: object) -> None:
    libc.usleep(100_000)
    come.set()


threads: list[ctypes.c_ulong] = []
functions = [Function(of_c), Function(slowly_of_c)]


def start_thread_of_c(function: object, argument: object = None) -> None:
    thread = ctypes.c_ulong()
    libc.pthread_create(ctypes.byref(thread), None, function, argument)
    threads.append(thread)


def handle(number: int) -> None:
    signal.signal(number, lambda *_: come.set())


way = sys.argv[1]
if way == "thread":
    start_thread_of_c(functions[0])
elif way == "slow":
    start_thread_of_c(functions[1])
elif way == "alarm":
    handle(signal.SIGALRM)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
elif way == "child":
    handle(signal.SIGCHLD)
    subprocess.Popen(["sleep", "0.2"])
elif way == "signal":
    handle(signal.SIGUSR1)
    subprocess.Popen(["sh", "-c", "sleep 0.2; kill -USR1 $PPID"])
elif way == "nobody":
    # Its thread waits forever, as those of a library that computes do.
    semaphore = ctypes.create_string_buffer(64)
    start_thread_of_c(libc.sem_wait, semaphore)
    handle(signal.SIGALRM)
waiting = threading.Thread(target=come.wait)
waiting.start()
come.wait()
waiting.join()
for thread in threads:
    libc.pthread_join(thread, None)
print("come")
