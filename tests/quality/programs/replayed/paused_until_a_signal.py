# REPLAYS: a wait for any signal, which another thread sends, and one that an interruption ends
import os
import signal
import threading
import time

got = []
signal.signal(signal.SIGUSR1, lambda number, _: got.append(number))


def work(number):
    time.sleep(0.05)
    os.kill(os.getpid(), number)


def paused(number):
    thread = threading.Thread(target=work, args=(number,))
    thread.start()
    try:
        signal.pause()
    except KeyboardInterrupt:
        got.append("interrupted")
    thread.join()


paused(signal.SIGUSR1)
paused(signal.SIGINT)
paused(signal.SIGUSR1)
print(got)
