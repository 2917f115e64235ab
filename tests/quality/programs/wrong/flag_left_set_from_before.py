# FINDS: lost-update on total
# The event is set before either begins, so waiting for it orders nothing.
import threading

go = threading.Event()
go.set()
total = 0


def work(amount):
    global total
    go.wait()
    total += amount


threads = [threading.Thread(target=work, args=(each,)) for each in (1, 10)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
