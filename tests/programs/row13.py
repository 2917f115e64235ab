import queue
import threading

q = queue.Queue()
filled = threading.Event()


def produce():
    for number in range(10):
        q.put(f"包子 {number}")
    filled.set()
    q.join()
    print("all eaten")


def consume():
    filled.wait()
    while q.qsize() > 0:
        print("eats", q.get())
        q.task_done()


producer = threading.Thread(target=produce)
consumer = threading.Thread(target=consume)
producer.start()
consumer.start()
