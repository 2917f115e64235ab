# FINDS: atomicity-violation on pages
# The index is of a length that another's pop makes wrong.
import threading

pages = ["a", "b"]
failed = []


def take_last():
    last = len(pages) - 1
    try:
        del pages[last]
    except IndexError:
        failed.append(last)


threads = [threading.Thread(target=take_last) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(failed, pages)
