# CLEAN: empty() only saves a try; get_nowait's Empty is caught
import queue
import threading

jobs = queue.Queue()
for number in range(3):
    jobs.put(number)
done = []


def work():
    while not jobs.empty():
        try:
            done.append(jobs.get_nowait())
        except queue.Empty:
            break


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(done) == [0, 1, 2]
