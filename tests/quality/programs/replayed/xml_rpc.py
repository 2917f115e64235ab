# REPLAYS: a server of remote calls that share a variable
import threading
import xmlrpc.client
from xmlrpc.server import SimpleXMLRPCServer

server = SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False)
n = 0


def add(k):
    global n
    n += k
    return n


server.register_function(add)
t = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
t.start()


def call(k):
    with xmlrpc.client.ServerProxy(f"http://127.0.0.1:{server.server_address[1]}") as p:
        print(k, p.add(k))


ts = [threading.Thread(target=call, args=(k,)) for k in range(1, 4)]
for x in ts:
    x.start()
for x in ts:
    x.join()
server.shutdown()
t.join()
server.server_close()
print(n)
