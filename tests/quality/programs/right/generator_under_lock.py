# CLEAN: the generator is resumed under the lock only
import threading

lock = threading.Lock()
got = []


def pages():
    number = 0
    while number < 4:
        number += 1
        yield number


shared = pages()


def work():
    while True:
        with lock:
            page = next(shared, None)
        if page is None:
            return
        got.append(page)


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(got) == [1, 2, 3, 4]
