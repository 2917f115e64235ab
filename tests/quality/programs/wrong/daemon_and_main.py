# FINDS: lost-update on beats
# The daemon counts while main resets.
import threading

beats = 0
stopped = threading.Event()


def beat():
    global beats
    for _ in range(3):
        beats += 1
    stopped.set()


threading.Thread(target=beat, daemon=True).start()
beats -= 1
stopped.wait()
print(beats)
