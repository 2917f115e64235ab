# REPLAYS: a server that selects what is ready
import selectors
import socket
import threading

sel = selectors.DefaultSelector()
s = socket.create_server(("127.0.0.1", 0))
s.setblocking(False)
sel.register(s, selectors.EVENT_READ, "accept")
log = []


def client(n):
    with socket.create_connection(s.getsockname()) as c:
        for i in range(3):
            c.sendall(b"%d%d" % (n, i))
            print(n, c.recv(20))


ts = [threading.Thread(target=client, args=(n,)) for n in range(4)]
for t in ts:
    t.start()
open_ = 0
done = 0
while done < 4:
    for key, _mask in sel.select(1):
        if key.data == "accept":
            c, _ = s.accept()
            c.setblocking(False)
            sel.register(c, selectors.EVENT_READ, "echo")
            open_ += 1
        else:
            d = key.fileobj.recv(100)
            if d:
                log.append(d)
                key.fileobj.send(d)
            else:
                sel.unregister(key.fileobj)
                key.fileobj.close()
                done += 1
for t in ts:
    t.join()
print(log)
