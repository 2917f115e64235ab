# FINDS: atomicity-violation on sessions
# Both go over a copy of the sessions; what one has popped the other can't pop.
import threading


class Server:
    def __init__(self):
        self.sessions = {1: "ann", 2: "bob"}
        self.closed = []

    def close_all(self):
        for number in tuple(self.sessions):
            self.closed.append(self.sessions.pop(number))


server = Server()
threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)

threads = [threading.Thread(target=server.close_all) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
