# CLEAN: main goes on with the number when the timer has ended
import threading

left = 5


def expire():
    global left
    left -= 1


timer = threading.Timer(0.001, expire)
timer.start()
timer.join()
left -= 1
assert left == 3
