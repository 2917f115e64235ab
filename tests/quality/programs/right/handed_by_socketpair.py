# CLEAN: the byte is received after it was sent, which comes after the change
import socket
import threading

here, there = socket.socketpair()
value = 0


def first():
    global value
    value += 1
    here.send(b"x")


def second():
    global value
    there.recv(1)
    value += 1


threads = [threading.Thread(target=function) for function in (second, first)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
here.close()
there.close()
assert value == 2
