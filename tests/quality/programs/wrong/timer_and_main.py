# FINDS: lost-update on left
# The timer goes off while main changes the number, or not.
import threading

left = 5


def expire():
    global left
    left -= 1


timer = threading.Timer(0.005, expire)
timer.start()
left -= 1
timer.join()
print(left)
