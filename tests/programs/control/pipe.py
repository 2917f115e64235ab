import os
import threading

readable, writable = os.pipe()
taken = []


def read():
    taken.append(os.read(readable, 10))


thread = threading.Thread(target=read)
thread.start()
for number in range(100):
    taken.append(number)
os.write(writable, b"x")
thread.join()
print(b"x" in taken)
