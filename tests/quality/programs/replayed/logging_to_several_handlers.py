# REPLAYS: threads that log to two handlers, one of them the program's own
import io
import logging
import threading

kept = []


class Keep(logging.Handler):
    def emit(self, record):
        kept.append(record.getMessage())


text = io.StringIO()
logger = logging.getLogger("own")
logger.setLevel("DEBUG")
for handler in (Keep(), logging.StreamHandler(), logging.StreamHandler(text)):
    handler.setFormatter(logging.Formatter("%(threadName)s %(message)s"))
    logger.addHandler(handler)


def work(k):
    for i in range(15):
        logger.info("%d %d", k, i)


threads = [threading.Thread(target=work, args=(k,)) for k in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(kept)
print(text.getvalue())
