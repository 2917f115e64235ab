# FINDS: atomicity-violation on called
# Both find it False, and the function that is to run once runs twice.
import threading


def once(function):
    called = False

    def inner():
        nonlocal called
        if called:
            return
        called = True
        function()

    return inner


runs = []
start = once(lambda: runs.append(1))

threads = [threading.Thread(target=start) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(runs))
