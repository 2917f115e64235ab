# FINDS: lost-update on stock
# The number is taken, changed, and stored: whoever stores last wins.
import threading

stock = 50


def take():
    global stock
    left = stock
    left = left - 5
    stock = left


threads = [threading.Thread(target=take) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(stock)
