# CLEAN: the act looks under the lock whether the head is still the one that was seen
import threading

lock = threading.Lock()
line = [1, 2, 3, 4]
served = []


def work():
    while True:
        with lock:
            head = line[0]
        price = head * 10
        with lock:
            if line[0] == head:
                line.pop(0)
                served.append(price)
                return


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert served == [10, 20] and line == [3, 4]
