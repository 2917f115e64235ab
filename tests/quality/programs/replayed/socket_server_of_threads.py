# REPLAYS: a server with a thread for each connection, and clients in threads
import socket
import socketserver
import threading


class Upper(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(self.rfile.readline().upper())


def ask(number):
    with socket.create_connection(server.server_address) as connection:
        connection.sendall(b"a%d\n" % number)
        print(connection.recv(10))


with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Upper) as server:
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.shutdown()
    serving.join()
