# CLEAN: the look and the set are under one lock
import threading

lock = threading.Lock()
config = None
got = []


def get():
    global config
    with lock:
        if config is None:
            config = {"made": True}
        return config


def work():
    got.append(id(get()))


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(set(got)) == 1
