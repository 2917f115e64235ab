# FINDS: lost-update on number
# The read is in a function of its own, the write where it is called.
import threading

number = 0


def current():
    return number


def work():
    global number
    number = current() + 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(number)
