import threading

threads = []
ready = threading.Event()


def work(number):
    ready.wait()
    threads[1 - number].join()


threads.extend(threading.Thread(target=work, args=(number,)) for number in (0, 1))
for thread in threads:
    thread.start()
ready.set()
