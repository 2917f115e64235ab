# FINDS: atomicity-violation on orders
# The order that is handled is not the one that is taken off.
import threading

orders = ["tea", "milk", "rice"]
handled = []


def work():
    first = orders[0]
    handled.append(first)
    taken = orders.pop(0)
    if taken is not first:
        handled.append("wrong")


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(handled)
