import random
import threading
import time

green = threading.Event()


def light():
    while True:
        green.set()
        time.sleep(0.05)
        green.clear()
        time.sleep(0.05)


def car(name):
    while True:
        time.sleep(random.random() / 20)
        if green.is_set():
            print(name, "drives")
        else:
            print(name, "waits")
            green.wait()


threading.Thread(target=light, daemon=True).start()
for name in ("a", "b", "c"):
    threading.Thread(target=car, args=(name,), daemon=True).start()
print("running", flush=True)
while True:
    time.sleep(1)
