# FINDS: lost-update on value
# The turn is passed on before the change.
import threading
import time

turn = 0
value = 0


def work(me):
    global turn, value
    for _ in range(2):
        while turn != me:
            time.sleep(0.001)
        turn = 1 - me
        value += 1


threads = [threading.Thread(target=work, args=(each,)) for each in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(value)
