# FINDS: atomicity-violation on rows
# The row says which number it has, by a length that is old when it is appended.
import threading

rows = []


def add(text):
    number = len(rows)
    rows.append((number, text))


threads = [threading.Thread(target=add, args=(each,)) for each in ("a", "b", "c")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(rows)
