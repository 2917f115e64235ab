"""Threads that wait where control does not see it, and are just coming back when nobody else can
go on."""

import ctypes
import os
import threading

libc = ctypes.CDLL(None)
reader, writer = os.pipe()
num = 0


def work() -> None:
    global num
    libc.read(reader, ctypes.create_string_buffer(1), 1)
    num += 1


for _ in range(30):
    thread = threading.Thread(target=work)
    thread.start()
    libc.write(writer, b"x", 1)
    thread.join()
print(num)
