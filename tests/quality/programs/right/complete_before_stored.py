# CLEAN: the object is complete when the reference to it is stored
import threading


class Settings:
    pass


current = None


def load(number):
    global current
    made = Settings()
    made.low = number
    made.high = number + 10
    current = made


def use():
    settings = current
    if settings is not None:
        assert settings.high == settings.low + 10


threads = [
    threading.Thread(target=function) for function in (lambda: load(1), use, lambda: load(2), use)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert current.high == current.low + 10
