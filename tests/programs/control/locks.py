import threading

first, second = threading.Lock(), threading.Lock()
both = threading.Barrier(2)


def one():
    with first:
        both.wait()
        with second:
            pass


def two():
    with second:
        both.wait()
        with first:
            pass


print("begins")
threads = [threading.Thread(target=one), threading.Thread(target=two)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
