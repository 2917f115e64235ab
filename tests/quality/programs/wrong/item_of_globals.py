# FINDS: lost-update on score
# globals() is the module's variables.
import threading

score = 0


def play():
    for _ in range(2):
        globals()["score"] += 1


threads = [threading.Thread(target=play) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(score)
