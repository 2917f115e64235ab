# REPLAYS: bytes that threads write to sys.stdout.buffer
import sys
import threading


def work(k):
    for i in range(100):
        sys.stdout.buffer.write(b"%d\n" % k)
        if i % 10 == 0:
            sys.stdout.buffer.flush()


threads = [threading.Thread(target=work, args=(k,)) for k in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
