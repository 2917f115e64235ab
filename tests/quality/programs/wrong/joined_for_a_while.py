# FINDS: lost-update on total
# Each thread is given a moment; then their number is changed.
import threading

total = 0


def work():
    global total
    total += 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
    thread.join()
more = threading.Thread(target=work)
more.start()
for thread in [more]:
    thread.join(timeout=1)
total += 10
more.join()
print(total)
