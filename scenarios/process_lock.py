"""Ten processes print under one lock; main joins none of them, and the run still waits."""

import multiprocessing


def shout(megaphone, number):
    with megaphone:
        print("number", number, "speaks", flush=True)


if __name__ == "__main__":
    megaphone = multiprocessing.Lock()
    for number in range(10):
        multiprocessing.Process(target=shout, args=(megaphone, number)).start()
