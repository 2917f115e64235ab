# CLEAN: nobody looks before; the pop itself tells that nothing is left
import threading

jobs = [1, 2, 3, 4]
done = []


def work():
    while True:
        try:
            job = jobs.pop()
        except IndexError:
            return
        done.append(job)


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(done) == [1, 2, 3, 4]
