# REPLAYS: the order in which connections are accepted
import socket
import threading

s = socket.create_server(("127.0.0.1", 0))


def client(n):
    with socket.create_connection(s.getsockname()) as c:
        c.sendall(b"%d" % n)


ts = [threading.Thread(target=client, args=(n,)) for n in range(6)]
for t in ts:
    t.start()
order = []
for _ in ts:
    c, _a = s.accept()
    with c:
        order.append(c.recv(10))
for t in ts:
    t.join()
print(order)
