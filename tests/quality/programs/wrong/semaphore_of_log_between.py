# FINDS: lost-update on total
# The semaphore of one guards the log; that both pass it is no order of what is around it.
import threading

log_gate = threading.Semaphore(1)
log = []
total = 0


def work(name):
    global total
    before = total
    with log_gate:
        log.append(name)
    total = before + 1


threads = [threading.Thread(target=work, args=(each,)) for each in "ab"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
