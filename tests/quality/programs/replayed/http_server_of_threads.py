# REPLAYS: an HTTP server with a thread for each request, and clients in threads
import http.server
import threading
import urllib.request


class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.path.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *a):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), H)
t = threading.Thread(target=server.serve_forever)
t.start()


def get(n):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/{n}") as r:
        print(r.read().decode())


ts = [threading.Thread(target=get, args=(n,)) for n in range(4)]
for x in ts:
    x.start()
for x in ts:
    x.join()
server.shutdown()
t.join()
server.server_close()
