"""Two threads hand over to each other forever."""

import threading

ping, pong = threading.Event(), threading.Event()


def play(mine, other):
    while True:
        mine.wait()
        mine.clear()
        other.set()


for pair in ((ping, pong), (pong, ping)):
    threading.Thread(target=play, args=pair, daemon=True).start()
ping.set()
threading.Event().wait()
