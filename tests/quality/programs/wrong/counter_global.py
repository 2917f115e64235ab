# FINDS: lost-update on hits
# Both read the same number, and both store it plus one.
import threading

hits = 0


def work():
    global hits
    for _ in range(2):
        hits += 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(hits)
