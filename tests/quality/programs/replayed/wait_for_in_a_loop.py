# REPLAYS: wait_for with a timeout again and again, with a predicate that tells nothing
import threading
import time

condition = threading.Condition()


def wait(until):
    tries = 0
    while True:
        with condition:
            if condition.wait_for(lambda: time.perf_counter() > until, timeout=0.001):
                return tries
        tries += 1


def notify():
    for _ in range(20):
        with condition:
            condition.notify_all()
        time.sleep(0.0005)


thread = threading.Thread(target=notify)
thread.start()
print(wait(time.perf_counter() + 0.01) >= 0)
thread.join()
