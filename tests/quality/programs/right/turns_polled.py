# CLEAN: only the thread whose turn it is changes the number, and then passes the turn on
import threading
import time

turn = 0
value = 0


def work(me):
    global turn, value
    for _ in range(2):
        while turn != me:
            time.sleep(0.001)
        value += 1
        turn = 1 - me


threads = [threading.Thread(target=work, args=(each,)) for each in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert value == 4
