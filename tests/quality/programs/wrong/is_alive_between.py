# FINDS: lost-update on total
# is_alive() is asked once, for a message; main changes the number either way.
import threading

total = 0


def work():
    global total
    total += 1


thread = threading.Thread(target=work)
thread.start()
state = "running" if thread.is_alive() else "ended"
total += 10
thread.join()
print(total, state)
