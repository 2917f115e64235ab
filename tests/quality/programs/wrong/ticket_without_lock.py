# FINDS: lost-update on next_ticket
# Two draw the same ticket, and are served at the same time.
import threading

next_ticket = 0
tickets = []


def draw():
    global next_ticket
    ticket = next_ticket
    next_ticket = ticket + 1
    tickets.append(ticket)


threads = [threading.Thread(target=draw) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(tickets))
