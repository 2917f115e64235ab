# FINDS: lost-update on total
# The stripes guard the rows; the total of all rows is guarded by whichever stripe.
import threading

stripes = [threading.Lock(), threading.Lock()]
rows = [0, 0]
total = 0


def add(row):
    global total
    with stripes[row]:
        rows[row] += 1
        total += 1


threads = [threading.Thread(target=add, args=(each,)) for each in (0, 1)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(rows, total)
