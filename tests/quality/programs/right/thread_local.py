# CLEAN: each thread sees its own number
import threading

local = threading.local()
totals = []


def work(amount):
    local.total = 0
    for _ in range(3):
        local.total += amount
    totals.append(local.total)


threads = [threading.Thread(target=work, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(totals) == [3, 6, 9]
