# FINDS: data-race | atomicity-violation on current, high
# The object is stored before it is complete: who reads it then finds no `high`.
import threading


class Settings:
    low = 0


current = None


def load():
    global current
    current = Settings()
    current.low = 5
    current.high = 15


def use():
    settings = current
    if settings is not None:
        settings.high - settings.low


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=function) for function in (load, use)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
