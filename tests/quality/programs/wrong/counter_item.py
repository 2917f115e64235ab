# FINDS: lost-update on votes
# Both read the same number, and both store it plus one.
import threading

votes = {"yes": 0, "no": 0}


def work():
    votes["yes"] += 1
    votes["no"] += 2


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(votes)
