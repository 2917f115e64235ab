import socket
import threading

reader, writer = socket.socketpair()
received = []


def receive():
    received.append(reader.recv(100))


thread = threading.Thread(target=receive)
thread.start()
writer.sendall(b"sent")
thread.join()
print(received == [b"sent"])
