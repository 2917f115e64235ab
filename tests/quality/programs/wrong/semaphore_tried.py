# FINDS: lost-update on used
# Who gets no permit counts all the same.
import threading

permit = threading.Semaphore(1)
used = 0


def work():
    global used
    if permit.acquire(timeout=0.5):
        print("got it")
    else:
        print("did not get it")
    used += 1
    permit.release()


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(used)
