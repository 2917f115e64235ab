# REPLAYS: log records of several threads, with their times
import logging
import threading

logging.basicConfig(
    format="%(asctime)s %(relativeCreated)d %(threadName)s %(message)s", level="INFO"
)


def work(k):
    for i in range(20):
        logging.info("%d %d", k, i)


threads = [threading.Thread(target=work, args=(k,)) for k in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
