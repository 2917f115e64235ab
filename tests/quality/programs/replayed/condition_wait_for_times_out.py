# REPLAYS: Condition.wait_for, whose predicate takes longer than its time
import threading
import time

condition = threading.Condition()


def slow():
    for _ in range(200_000):
        pass
    return False


def notify():
    for _ in range(6):
        time.sleep(0.002)
        with condition:
            condition.notify_all()


thread = threading.Thread(target=notify)
thread.start()
with condition:
    print(condition.wait_for(slow, timeout=0.005))
thread.join()
