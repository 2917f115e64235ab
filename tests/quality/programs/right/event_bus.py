# CLEAN: listeners are added under the lock; who publishes goes over a copy that was made under it
import threading


class Bus:
    def __init__(self):
        self.lock = threading.Lock()
        self.listeners = []

    def listen(self, function):
        with self.lock:
            self.listeners.append(function)

    def publish(self, event):
        with self.lock:
            now = list(self.listeners)
        for function in now:
            function(event)


bus = Bus()
heard = []
bus.listen(heard.append)

threads = [
    threading.Thread(target=function)
    for function in (
        lambda: bus.publish("a"),
        lambda: bus.listen(heard.append),
        lambda: bus.publish("b"),
    )
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert {"a", "b"} == set(heard)
