"""Both executors: results, errors, callbacks, waits, timeouts, cancellation, broken initializers."""

import logging
import multiprocessing
import os
from concurrent import futures


def square(n):
    return n * n


def fail(n):
    raise ValueError(n)


def broken():
    raise RuntimeError("no worker")


def caught(function, *arguments, **options):
    try:
        return function(*arguments, **options)
    except Exception as error:
        return type(error).__name__


def results(kind):
    told = []
    with kind(1) as executor:
        task = executor.submit(square, 3)
        task.add_done_callback(broken)  # logged, and nothing else
        task.add_done_callback(lambda done: told.append((done.result(), done.cancelled())))
        print(task.result(), task.exception())
        bad = executor.submit(fail, 4)
        print(caught(bad.result), repr(bad.exception()))
        print(list(executor.map(square, range(4), timeout=30)), caught(list, executor.map(fail, [1])))
        print(len(futures.wait([executor.submit(square, n) for n in range(3)]).done))
        both = [executor.submit(square, 1), executor.submit(fail, 2)]
        print(both[1] in futures.wait(both, return_when=futures.FIRST_EXCEPTION).done)
        done = futures.as_completed([executor.submit(square, n) for n in range(3)])
        print(sorted(one.result() for one in done))
    print(told)


def cancellation(kind):
    read, write = os.pipe()
    executor = kind(1)
    blocked = executor.submit(os.read, read, 1)
    print(caught(blocked.result, timeout=0.01), len(futures.wait([blocked], timeout=0.01).done))
    print(caught(list, executor.map(square, [1], timeout=0.01)))
    rest = [executor.submit(square, n) for n in range(8)]
    last = rest[-1]
    print(last.cancel(), last.cancelled(), last.cancel())
    last.add_done_callback(lambda done: print("callback", done.cancelled()))
    try:
        last.result()
    except futures.CancelledError as error:
        print(type(error).__name__)
    executor.shutdown(wait=False, cancel_futures=True)
    print(caught(executor.submit, square, 1))
    os.write(write, b"!")
    print(blocked.result())


def shutdowns(kind):
    with kind(1, initializer=broken) as executor:
        print(caught(lambda: executor.submit(square, 1).result()))
    executor = kind(1)
    task = executor.submit(square, 5)
    executor.shutdown(wait=False)
    print(task.result())


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")  # a task reads from a pipe that this process has
    logging.disable()
    for kind in futures.ThreadPoolExecutor, futures.ProcessPoolExecutor:
        print(kind.__name__)
        for part in results, cancellation, shutdowns:
            part(kind)
