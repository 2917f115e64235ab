# REPLAYS: several threads that accept from one socket
import socket
import threading

s = socket.create_server(("127.0.0.1", 0))
got = {}


def worker(k):
    while True:
        c, _ = s.accept()
        with c:
            d = c.recv(10)
            if d == b"end":
                return
            got.setdefault(k, []).append(d)
            c.sendall(b"by %d" % k)


ws = [threading.Thread(target=worker, args=(k,)) for k in range(3)]
for w in ws:
    w.start()


def client(n):
    with socket.create_connection(s.getsockname()) as c:
        c.sendall(b"%d" % n)
        print(n, c.recv(10))


ts = [threading.Thread(target=client, args=(n,)) for n in range(8)]
for t in ts:
    t.start()
for t in ts:
    t.join()
for _w in ws:
    with socket.create_connection(s.getsockname()) as c:
        c.sendall(b"end")
for w in ws:
    w.join()
print(got)
