# REPLAYS: datagrams that several threads send to one socket
import socket
import threading

r = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
r.bind(("127.0.0.1", 0))


def send(n):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for i in range(5):
        s.sendto(b"%d.%d" % (n, i), r.getsockname())
    s.close()


ts = [threading.Thread(target=send, args=(n,)) for n in range(3)]
for t in ts:
    t.start()
got = [r.recvfrom(20)[0] for _ in range(15)]
for t in ts:
    t.join()
print(got)
