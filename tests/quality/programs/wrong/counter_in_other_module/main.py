# FINDS: lost-update on count
# The number is another module's; both read it and store theirs.
import threading

import shared


def work():
    for _ in range(2):
        shared.count += 1


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(shared.count)
