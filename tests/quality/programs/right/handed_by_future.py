# CLEAN: result() returns after set_result, which comes after the change
import concurrent.futures
import threading

promise = concurrent.futures.Future()
numbers = []


def first():
    numbers.append(1)
    promise.set_result(numbers)


def second():
    got = promise.result()
    got.append(got[0] + 1)


threads = [threading.Thread(target=function) for function in (second, first)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert numbers == [1, 2]
