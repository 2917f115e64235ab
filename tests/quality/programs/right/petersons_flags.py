# CLEAN: Peterson's algorithm keeps the two apart, for each access is one step under the GIL
import threading
import time

wants = [False, False]
turn = 0
total = 0


def work(me):
    global turn, total
    for _ in range(2):
        wants[me] = True
        turn = 1 - me
        while wants[1 - me] and turn == 1 - me:
            time.sleep(0.001)
        total += 1
        wants[me] = False


threads = [threading.Thread(target=work, args=(each,)) for each in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert total == 4
