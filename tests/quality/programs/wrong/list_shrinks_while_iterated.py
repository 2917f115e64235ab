# FINDS: atomicity-violation | data-race on listeners
# A removal during the loop makes it skip the next one.
import threading

listeners = [1, 2, 3, 4]
told = []


def leave():
    listeners.remove(1)


def tell_all():
    for listener in listeners:
        told.append(listener)


threads = [threading.Thread(target=function) for function in (tell_all, leave)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(told)
