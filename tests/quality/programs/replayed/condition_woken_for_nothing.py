import threading
import time

condition = threading.Condition()
tokens = 0
out = []


def take(k):
    global tokens
    for _ in range(4):
        with condition:
            got = condition.wait_for(lambda: tokens > 0, timeout=0.002)
            if got:
                tokens -= 1
            out.append((k, got))


def give():
    global tokens
    for _ in range(8):
        with condition:
            tokens += 1
            condition.notify_all()
        time.sleep(0.0008)


threads = [threading.Thread(target=take, args=(k,)) for k in range(3)]
threads.append(threading.Thread(target=give))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(out)
