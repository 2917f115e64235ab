# CLEAN: who has got the list from the queue is the only one who has it
import queue
import threading

line = queue.Queue()


def make():
    parcel = []
    parcel.append("book")
    line.put(parcel)


def pack():
    parcel = line.get()
    parcel.append("paper")
    line.put(parcel)


threads = [threading.Thread(target=function) for function in (pack, make)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert line.get() == ["book", "paper"]
