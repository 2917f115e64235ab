# FINDS: lost-update on total
# Two releases let two threads in.
import threading

gate = threading.Semaphore(0)
total = 0


def work():
    global total
    with gate:
        total += 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
gate.release()
gate.release()
for thread in threads:
    thread.join()
print(total)
