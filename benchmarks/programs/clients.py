"""Clients of a server: `clients.py PORT THREADS REQUESTS`. Each asks five times for each item."""

import http.client
import sys
import threading

port, count, requests = map(int, sys.argv[1:])
failed = []


def ask():
    try:
        for number in range(requests):
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("GET", f"/{number // 5}")
            connection.getresponse().read()
            connection.close()
    except BaseException as error:
        failed.append(error)
        raise


threads = [threading.Thread(target=ask) for _ in range(count)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.exit(bool(failed))
