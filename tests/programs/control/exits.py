import os
import threading

event = threading.Event()
for _ in range(5):
    threading.Thread(target=event.wait).start()
print("bye", flush=True)
os._exit(7)
