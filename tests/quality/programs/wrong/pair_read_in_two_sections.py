# FINDS: data-race | atomicity-violation on width, height
# Each is read under the lock, but not both under one.
import threading


class Window:
    def __init__(self):
        self.lock = threading.Lock()
        self.width, self.height = 4, 4

    def resize(self, size):
        with self.lock:
            self.width = size
            self.height = size

    def area(self):
        with self.lock:
            width = self.width
        with self.lock:
            height = self.height
        return width * height


window = Window()
areas = []

threads = [
    threading.Thread(target=function)
    for function in (lambda: window.resize(9), lambda: areas.append(window.area()))
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(areas)
