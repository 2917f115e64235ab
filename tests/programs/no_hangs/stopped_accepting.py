"""The main thread waits for the order to stop, another one accepts connections."""

import socket
import threading

stop = threading.Event()


def serve():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.accept()


threading.Thread(target=serve, daemon=True).start()
stop.wait()
