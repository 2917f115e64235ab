# FINDS: atomicity-violation on listeners
# Both find the listener missing, and it hears each event twice.
import threading


class Bus:
    def __init__(self):
        self.listeners = []

    def listen(self, function):
        if function in self.listeners:
            return
        self.listeners.append(function)

    def publish(self, event):
        for function in tuple(self.listeners):
            function(event)


bus = Bus()
heard = []
hear = heard.append

threads = [threading.Thread(target=lambda: bus.listen(hear)) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
bus.publish("a")
print(heard)
