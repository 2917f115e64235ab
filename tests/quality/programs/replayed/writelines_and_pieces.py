# REPLAYS: lines that threads write in pieces, with writelines and sys.stdout.write
import sys
import threading


def work(k):
    for i in range(30):
        sys.stdout.write(f"{k} ")
        sys.stdout.write(f"{i}\n")
        sys.stdout.writelines([f"{k}:", f"{i}:", "\n"])


threads = [threading.Thread(target=work, args=(k,)) for k in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
