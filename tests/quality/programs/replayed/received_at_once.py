# REPLAYS: what is received at once of what another thread is just sending
import socket
import threading
import time

s = socket.create_server(("127.0.0.1", 0))


def sender():
    with socket.create_connection(s.getsockname()) as c:
        for i in range(50):
            c.sendall(b"x" * (i * 97 % 400 + 1))
            if i % 10 == 0:
                time.sleep(0.001)


t = threading.Thread(target=sender)
t.start()
c, _ = s.accept()
sizes = []
while True:
    d = c.recv(1000)
    if not d:
        break
    sizes.append(len(d))
t.join()
print(len(sizes), sizes, sum(sizes))
