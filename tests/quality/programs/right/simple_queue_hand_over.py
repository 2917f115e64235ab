# CLEAN: what was put is no longer touched by who put it
import queue
import threading

orders = queue.SimpleQueue()
shipped = []


def sell():
    order = {"amount": 0}
    order["amount"] += 2
    orders.put(order)


def ship():
    order = orders.get()
    order["amount"] += 1
    shipped.append(order)


threads = [threading.Thread(target=function) for function in (sell, ship)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert shipped == [{"amount": 3}]
