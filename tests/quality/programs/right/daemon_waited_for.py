# CLEAN: main waits for the daemon's event before it looks at the number
import threading

beats = 0
stopped = threading.Event()


def beat():
    global beats
    for _ in range(3):
        beats += 1
    stopped.set()


threading.Thread(target=beat, daemon=True).start()
stopped.wait()
beats -= 1
assert beats == 2
