# Peterson's lock.
import threading

wants = [False, False]
turn = 0
inside = 0
count = 0


def work(me):
    global turn, inside, count
    wants[me] = True
    turn = 1 - me
    while wants[1 - me] and turn == 1 - me:
        pass
    inside += 1
    assert inside == 1
    count += 1
    inside -= 1
    wants[me] = False


threads = [threading.Thread(target=work, args=(me,)) for me in (0, 1)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert count == 2
