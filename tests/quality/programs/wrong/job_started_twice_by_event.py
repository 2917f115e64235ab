# FINDS: atomicity-violation on started
# Both find it unset, and the job that was handed over runs twice.
import threading

started = threading.Event()
done = []


def start(job):
    if not started.is_set():
        started.set()
        job("done")


threads = [threading.Thread(target=start, args=(lambda word: done.append(word),)) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(done)
