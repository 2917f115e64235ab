# FINDS: lost-update on count
# The waiter counts down under the Condition, the other counts up without it.
import threading

count = 0
changed = threading.Condition()


def take():
    global count
    with changed:
        while count < 1:
            if not changed.wait(0.05):
                break
        count -= 1


def give():
    global count
    count += 1
    with changed:
        changed.notify_all()


threads = [threading.Thread(target=function) for function in (take, give, give)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(count)
