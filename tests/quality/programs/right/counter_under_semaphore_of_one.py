# CLEAN: a semaphore of one lets one thread in
import threading

gate = threading.Semaphore(1)
done = 0


def work():
    global done
    for _ in range(2):
        with gate:
            done += 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert done == 6
