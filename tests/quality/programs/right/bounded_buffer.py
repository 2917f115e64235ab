# CLEAN: `while` on both sides, one lock for both conditions
import threading

lock = threading.Lock()
not_full = threading.Condition(lock)
not_empty = threading.Condition(lock)
buffer = []
got = []


def put(numbers):
    for number in numbers:
        with not_full:
            while len(buffer) >= 1:
                not_full.wait()
            buffer.append(number)
            not_empty.notify()


def get(count):
    for _ in range(count):
        with not_empty:
            while not buffer:
                not_empty.wait()
            got.append(buffer.pop(0))
            not_full.notify()


threads = [
    threading.Thread(target=function)
    for function in (lambda: put([1, 2]), lambda: put([3, 4]), lambda: get(2), lambda: get(2))
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(got) == [1, 2, 3, 4]
