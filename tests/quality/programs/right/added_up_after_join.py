# CLEAN: each thread adds to a list of its own; main adds them up when all have ended
import threading

parts = [[], [], []]


def work(number):
    for value in range(4):
        parts[number].append(value * number)


threads = [threading.Thread(target=work, args=(each,)) for each in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sum(map(sum, parts)) == 18
