# CLEAN: extend with a tuple and update with a dict are each one step
import threading

rows = []
table = {}


def work(number):
    rows.extend((number, number))
    table.update({number: number * 2})


threads = [threading.Thread(target=work, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(rows) == [1, 1, 2, 2, 3, 3] and table == {1: 2, 2: 4, 3: 6}
