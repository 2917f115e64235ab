# FINDS: atomicity-violation on answer
# Both find the future open, and the second to set it fails.
import threading
from concurrent.futures import Future

answer = Future()


def reply(text):
    if not answer.done():
        answer.set_result(text)


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=reply, args=(each,)) for each in ("yes", "no")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(answer.result())
