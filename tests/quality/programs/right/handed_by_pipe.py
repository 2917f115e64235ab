# CLEAN: the byte is read after it was written, which comes after the change
import os
import threading

read_end, write_end = os.pipe()
items = {"n": 0}


def first():
    items["n"] += 1
    os.write(write_end, b"x")


def second():
    os.read(read_end, 1)
    items["n"] += 1


threads = [threading.Thread(target=function) for function in (second, first)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
os.close(read_end)
os.close(write_end)
assert items["n"] == 2
