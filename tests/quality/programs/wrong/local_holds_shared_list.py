# FINDS: lost-update on shared, list
# The thread's own variable holds the same list in each thread.
import threading

shared = [0]
local = threading.local()


def work():
    local.cells = shared
    for _ in range(2):
        local.cells[0] += 1


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(shared)
