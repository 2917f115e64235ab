import threading
turn, c = 0, threading.Condition()
log = []
def play(me):
    global turn
    for _ in range(40):
        with c:
            while turn % 3 != me: c.wait(0.001)
            turn += 1; log.append(me); c.notify_all()
threads = [threading.Thread(target=play, args=(n,)) for n in range(3)]
for t in threads: t.start()
for t in threads: t.join()
print(turn, len(log))
