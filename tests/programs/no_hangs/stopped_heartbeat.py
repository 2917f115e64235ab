"""A thread that waits with a timeout may set the event later."""

import threading

done, tick = threading.Event(), threading.Event()


def beat():
    for _ in range(36000):
        tick.wait(0.1)
    done.set()


threading.Thread(target=beat, daemon=True).start()
done.wait()
