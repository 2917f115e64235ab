# CLEAN: main empties it when the producers have ended
import queue
import threading

results = queue.Queue()


def produce(number):
    results.put(number * number)


threads = [threading.Thread(target=produce, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
got = []
while not results.empty():
    got.append(results.get())
assert sorted(got) == [1, 4, 9]
