# REPLAYS: a datagram server with a thread for each
import socket
import socketserver
import threading

seen = []


class H(socketserver.BaseRequestHandler):
    def handle(self):
        data, sock = self.request
        seen.append(data)
        sock.sendto(data.upper(), self.client_address)


with socketserver.ThreadingUDPServer(("127.0.0.1", 0), H) as s:
    t = threading.Thread(target=s.serve_forever)
    t.start()

    def c(n):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as k:
            k.sendto(b"m%d" % n, s.server_address)
            print(k.recv(10))

    ts = [threading.Thread(target=c, args=(n,)) for n in range(5)]
    for x in ts:
        x.start()
    for x in ts:
        x.join()
    s.shutdown()
    t.join()
print(seen)
