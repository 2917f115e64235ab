# FINDS: lost-update on sales, list
# The list is changed after it was given as the result.
import concurrent.futures
import threading

promise = concurrent.futures.Future()
sales = [0]


def first():
    promise.set_result(sales)
    sales[0] += 1


def second():
    got = promise.result()
    got[0] += 2


threads = [threading.Thread(target=function) for function in (second, first)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sales)
