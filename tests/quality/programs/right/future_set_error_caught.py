# CLEAN: who comes second catches that
import threading
from concurrent.futures import Future, InvalidStateError

answer = Future()


def reply(text):
    if not answer.done():
        try:
            answer.set_result(text)
        except InvalidStateError:
            pass


threads = [threading.Thread(target=reply, args=(each,)) for each in ("yes", "no")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert answer.result() in ("yes", "no")
