# CLEAN: what is changed after a try rests on its answer
import queue
import threading

lock = threading.Lock()
ready = threading.Event()
messages = queue.Queue()
total = 0
late = 0


def try_it():
    global total
    got = lock.acquire(timeout=5)
    if got:
        total += 1
        lock.release()


def give_up():
    global total
    if not lock.acquire(blocking=False):
        return
    total += 1
    lock.release()


def insist():
    global total
    assert lock.acquire(timeout=5)
    try:
        total += 1
    finally:
        lock.release()


def count():
    global late
    late += 1
    messages.put("counted")
    ready.set()


def take():
    global late
    try:
        messages.get(timeout=5)
        late += 10
    except queue.Empty:
        pass


def await_it():
    global late
    if ready.wait(5):
        with lock:
            late += 100


threads = [threading.Thread(target=function) for function in (try_it, give_up, insist)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(20)
    if thread.is_alive():
        raise SystemExit("too late")
total += 1
assert 2 <= total <= 4
first = threading.Thread(target=count)
first.start()
first.join(timeout=20)
assert not first.is_alive()
late += 1
second = threading.Thread(target=take)
second.start()
second.join()
await_it()
assert late == 112
