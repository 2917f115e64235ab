# FINDS: data-race | atomicity-violation on name
# The thread is started before the attribute that it uses is there: AttributeError.
import threading


class Server:
    def __init__(self):
        self.failed = []
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        self.name = "server"

    def serve(self):
        try:
            self.failed.append(len(self.name) == 0)
        except AttributeError:
            self.failed.append(True)


server = Server()
server.thread.join()
print(server.failed)
