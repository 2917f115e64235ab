"""Processes tell their pids, and use them."""

import multiprocessing
import os
import signal
import sys
import time

context = multiprocessing.get_context(sys.argv[1] if sys.argv[1:] else "fork")


def tell(title):
    # The parent of a fork server's child is the server.
    parent = context.get_start_method() == "forkserver" or os.getppid()
    own, other = multiprocessing.current_process(), multiprocessing.parent_process()
    print(title, os.getpid(), parent, own.pid, other.pid, flush=True)


def sleep(end):
    end.send(os.getpid())
    time.sleep(100)


if __name__ == "__main__":
    print("main", os.getpid(), os.getppid(), multiprocessing.current_process())
    process = context.Process(target=tell, args=("child",))
    process.start()
    process.join()
    print(process.pid, process.ident, process)
    end, its = context.Pipe()
    process = context.Process(target=sleep, args=(its,))
    process.start()
    print(end.recv() == process.pid)
    os.kill(process.pid, signal.SIGTERM)
    process.join()
    print(process, flush=True)
    if pid := os.fork():
        print(pid, os.waitpid(pid, 0))
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError as error:
            print(error)
    else:
        print("forked", os.getpid(), flush=True)
        os._exit(3)
