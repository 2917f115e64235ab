# FINDS: data-race | lost-update on order, amount
# The item is changed after it was handed over: the consumer may see either.
import queue
import threading

orders = queue.Queue()
shipped = []


def sell():
    order = {"thing": "tea", "amount": 0}
    orders.put(order)
    order["amount"] += 2


def ship():
    order = orders.get()
    order["amount"] += 1
    shipped.append(order)


threads = [threading.Thread(target=function) for function in (sell, ship)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(shipped)
