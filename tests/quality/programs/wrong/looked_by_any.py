# FINDS: atomicity-violation on rows
# Both find no such row, and both append one.
import threading

rows = [("ann", 1)]


def add(name, number):
    if any(row[0] == name for row in rows):
        return
    rows.append((name, number))


threads = [threading.Thread(target=add, args=("bob", number)) for number in (1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(rows)
