# FINDS: lost-update on steps
# The text that exec runs reads and stores the global.
import threading

steps = 0


def work():
    for _ in range(2):
        exec("steps += 1", globals())


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(steps)
