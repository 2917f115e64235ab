# FINDS: lost-update on finished
# A callback runs in whichever thread completes the future.
import concurrent.futures
import threading

finished = 0
start = threading.Barrier(2)


def note(future):
    global finished
    finished += 1


def work():
    start.wait()


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    for _ in range(2):
        pool.submit(work).add_done_callback(note)
print(finished)
