# CLEAN: the choice and the del are under one lock
import threading

lock = threading.Lock()
tasks = {1: "a", 2: "b", 3: "c"}
done = []


def work():
    with lock:
        number = min(tasks)
        done.append(tasks[number])
        del tasks[number]


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert done == ["a", "b", "c"] and not tasks
