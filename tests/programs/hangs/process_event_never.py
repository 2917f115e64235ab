"""The process that was to set the event fails."""

import multiprocessing


def work(ready):
    int("no number")
    ready.set()


if __name__ == "__main__":
    ready = multiprocessing.Event()
    process = multiprocessing.Process(target=work, args=(ready,), name="worker")
    process.start()
    ready.wait()
