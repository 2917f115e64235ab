# FINDS: atomicity-violation on client
# Both get None for the attribute that is missing, and both connect.
import threading


class App:
    pass


app = App()
connected = []


def connect():
    client = getattr(app, "client", None)
    if client is None:
        client = object()
        connected.append(client)
        app.client = client


threads = [threading.Thread(target=connect) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(connected))
