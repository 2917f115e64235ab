# CLEAN: who finds nothing left goes home
import threading

jobs = [1, 2]
done = []


def work():
    take = jobs.pop
    if jobs:
        try:
            job = take()
        except IndexError:
            return
        done.append(job)


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(done) == [1, 2]
