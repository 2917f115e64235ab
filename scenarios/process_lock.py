"""Ten processes print under one lock; main joins none of them, and the run still waits."""

import multiprocessing


def shout(megaphone, number):
    with megaphone:
        print("number", number, "speaks", flush=True)


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")  # others may come too late for the lock
    megaphone = context.Lock()
    for number in range(10):
        context.Process(target=shout, args=(megaphone, number)).start()
