# FINDS: lost-update on left, right
# Two swaps that overlap put one of the values on both sides.
import threading

left = "salt"
right = "pepper"


def swap():
    global left, right
    left, right = right, left


threads = [threading.Thread(target=swap) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(left, right)
