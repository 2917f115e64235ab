# CLEAN: tickets are drawn under a lock; who has the ticket that is served is alone
import threading
import time

lock = threading.Lock()
next_ticket = 0
serving = 0
value = 0


def work():
    global next_ticket, serving, value
    with lock:
        ticket = next_ticket
        next_ticket += 1
    while serving != ticket:
        time.sleep(0.001)
    value += 1
    serving = ticket + 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert value == 3
