# FINDS: atomicity-violation on jobs
# Both go over a copy of the list; what one has removed the other can't remove.
import threading

jobs = ["a", "b"]
done = []


def finish():
    for job in jobs.copy():
        done.append(job)
        jobs.remove(job)


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)

threads = [threading.Thread(target=finish) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(done)
