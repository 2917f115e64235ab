# FINDS: lost-update on total
# join may give up, and main changes the number either way.
import threading

total = 0


def work():
    global total
    total += 1


thread = threading.Thread(target=work)
thread.start()
thread.join(0.01)
total += 10
thread.join()
print(total)
