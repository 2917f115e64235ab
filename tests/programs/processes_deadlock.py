"""Two processes wait for each other's locks, and are ended. Arguments: start method, how, file."""

import multiprocessing
import os
import signal
import sys


def work(first, second, barrier, file):
    with first:
        barrier.wait()
        with open(file, "a") as told:
            print(os.getpid(), file=told)
        with second:
            pass


def await_deadlock(file):
    while not os.path.exists(file) or len(pids := open(file).read().split()) < 2:
        os.sched_yield()
    for pid in pids:
        while "futex" not in open(f"/proc/{pid}/wchan").read():
            os.sched_yield()


def main(method, how, file):
    context = multiprocessing.get_context(method)
    a, b, barrier = context.Lock(), context.Lock(), context.Barrier(2)
    processes = [
        context.Process(target=work, args=(first, second, barrier, file))
        for first, second in ((a, b), (b, a))
    ]
    for process in processes:
        process.start()
    await_deadlock(file)
    if how == "ctrl-c":
        os.killpg(0, signal.SIGINT)
    for process in processes:
        if how in ("terminate", "kill"):
            getattr(process, how)()
        process.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
