# FINDS: atomicity-violation on config
# Both find None, both make one, and the threads go on with different ones.
import threading

config = None
made = []


class Config:
    def __init__(self):
        made.append(self)


def get():
    global config
    if config is None:
        config = Config()
    return config


threads = [threading.Thread(target=get) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(made))
