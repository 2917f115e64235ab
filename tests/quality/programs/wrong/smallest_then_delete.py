# FINDS: atomicity-violation on tasks
# Both choose the same smallest key; the second del raises KeyError.
import threading

tasks = {1: "a", 2: "b"}
failed = []


def work():
    number = min(tasks)
    try:
        del tasks[number]
    except KeyError:
        failed.append(number)


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(failed)
