# REPLAYS: os.write to stdout and stderr by several threads, and prints between
import os
import sys
import threading


def work(k):
    for i in range(50):
        os.write(1, b"%d\n" % k)
        print(k, i, file=sys.stderr)
        if i % 5 == 0:
            print(k, i, flush=True)


threads = [threading.Thread(target=work, args=(k,)) for k in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
