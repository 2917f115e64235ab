# CLEAN: only one thread takes anything out; what the others append leaves what it has chosen there
import threading

pages = [1, 2]
log = []


def produce(page):
    pages.append(page)


def consume():
    for _ in range(2):
        first = pages.index(min(pages[:2]))
        del pages[first]
        log.append(pages[len(pages) - 1])


threads = [threading.Thread(target=produce, args=(page,)) for page in (7, 8)]
threads.append(threading.Thread(target=consume))
pages.append(3)
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(pages) == [3, 7, 8]
