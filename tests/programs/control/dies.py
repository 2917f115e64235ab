"""One process comes to its end in some way while another waits for its turn."""

import ctypes
import multiprocessing
import os
import resource
import signal
import sys


def die(value, end):
    value.value += 1
    if end == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if end == "exits":
        os._exit(3)
    if end == "crashes":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        ctypes.string_at(0)
    if end == "raises":
        sys.exit(4)


def work(value):
    for _ in range(20):
        value.value += 1


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    value = context.Value("i", 0, lock=False)
    processes = [
        context.Process(target=die, args=(value, sys.argv[2])),
        context.Process(target=work, args=(value,)),
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    print([process.exitcode for process in processes])
