# CLEAN: asked and set under one lock
import threading
from concurrent.futures import Future

lock = threading.Lock()
answer = Future()


def reply(text):
    with lock:
        if not answer.done():
            answer.set_result(text)


threads = [threading.Thread(target=reply, args=(each,)) for each in ("yes", "no")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert answer.result() in ("yes", "no")
