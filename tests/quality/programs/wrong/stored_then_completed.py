# FINDS: data-race | atomicity-violation on current, high
# The object is stored before it is complete: who reads it then finds no `high`.
import threading


class Settings:
    low = 0


current = None
failed = []


def load():
    global current
    current = Settings()
    current.low = 5
    current.high = 15


def use():
    settings = current
    if settings is not None:
        try:
            settings.high - settings.low
        except AttributeError:
            failed.append(1)


threads = [threading.Thread(target=function) for function in (load, use)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(failed)
