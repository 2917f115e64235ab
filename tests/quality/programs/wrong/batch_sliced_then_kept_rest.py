# FINDS: atomicity-violation | lost-update on inbox
# Both take the first two, and both throw away two.
import threading

inbox = list(range(6))
handled = []


def handle():
    handled.append(tuple(inbox[:2]))
    del inbox[0:2]


threads = [threading.Thread(target=handle) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(handled, inbox)
