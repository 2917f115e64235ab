"""A server with a thread for each request and a cache that all share, asked by another process.

Says the processor time of the server for all requests, and when it ended.
"""

import hashlib
import json
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CLIENTS = 8
REQUESTS = 250  # of each


class Cache:
    def __init__(self):
        self.lock = threading.Lock()
        self.items = {}
        self.hits = 0

    def get(self, key):
        with self.lock:
            if key in self.items:
                self.hits += 1
                return self.items[key]
        made = {"key": key, "digest": hashlib.sha256(key.encode() * 100).hexdigest()}
        with self.lock:
            return self.items.setdefault(key, made)


cache = Cache()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(cache.get(self.path)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.request_queue_size = CLIENTS
serving = threading.Thread(target=server.serve_forever)
start = time.process_time()
serving.start()
clients = Path(__file__).with_name("clients.py")
load = [sys.executable, str(clients), str(server.server_port), str(CLIENTS), str(REQUESTS)]
subprocess.run(load, check=True)
server.shutdown()
serving.join()
server.server_close()
assert len(cache.items) == REQUESTS // 5, len(cache.items)
print(time.process_time() - start, time.monotonic())
