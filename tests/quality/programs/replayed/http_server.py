# REPLAYS: an HTTP server that serves one after the other, in the order in which they came
import http.server
import threading
import urllib.request

seen = []


class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        seen.append(self.path)
        body = self.path.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *a):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), H)
t = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
t.start()


def get(n):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/{n}") as r:
        r.read()


ts = [threading.Thread(target=get, args=(n,)) for n in range(6)]
for x in ts:
    x.start()
for x in ts:
    x.join()
server.shutdown()
t.join()
server.server_close()
print(seen)
