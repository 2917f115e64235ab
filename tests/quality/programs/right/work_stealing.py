# CLEAN: the owner pops at one end, the thief at the other; each pop is one step and may fail
import collections
import threading

own = [collections.deque([1, 2, 3]), collections.deque([4])]
done = []


def work(me):
    while True:
        try:
            job = own[me].pop()
        except IndexError:
            try:
                job = own[1 - me].popleft()
            except IndexError:
                return
        done.append(job)


threads = [threading.Thread(target=work, args=(each,)) for each in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(done) == [1, 2, 3, 4]
