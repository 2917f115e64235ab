"""Two players hit a ball to and fro under one Condition.

Look for: `wait` gives up the lock and takes it back; each `notify` and the wait that it woke.
"""

import threading

hits = 0
ball = threading.Condition()


def play(me):
    global hits
    for _ in range(10):
        with ball:
            while hits % 2 != me:
                ball.wait()
            hits += 1
            ball.notify()


players = [threading.Thread(target=play, name=name, args=(me,)) for me, name in enumerate(("ping", "pong"))]
for player in players:
    player.start()
for player in players:
    player.join()
print(hits, "hits")
