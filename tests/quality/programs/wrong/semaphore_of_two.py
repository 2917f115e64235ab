# FINDS: lost-update on done
# A semaphore of two lets two threads in.
import threading

gate = threading.Semaphore(2)
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
print(done)
