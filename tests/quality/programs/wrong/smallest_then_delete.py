# FINDS: atomicity-violation on tasks
# Both choose the same smallest key; the second del raises KeyError.
import threading

tasks = {1: "a", 2: "b"}


def work():
    number = min(tasks)
    del tasks[number]


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
