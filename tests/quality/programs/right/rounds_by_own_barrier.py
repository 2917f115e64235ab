# CLEAN: nobody begins a round before all have ended the last one
import threading

came = 0
round_number = 0
changed = threading.Condition()
cells = [0, 0, 0]
sums = []


def meet():
    global came, round_number
    with changed:
        mine = round_number
        came += 1
        if came == 3:
            came = 0
            round_number += 1
            changed.notify_all()
        else:
            while round_number == mine:
                changed.wait()


def work(me):
    for _ in range(2):
        cells[me] += 1
        meet()
        if me == 0:
            sums.append(sum(cells))
        meet()


threads = [threading.Thread(target=work, args=(each,)) for each in (0, 1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sums == [3, 6]
