# REPLAYS: threads that set the result of a Future of the program's own, the first one wins
import threading
from concurrent.futures import Future, InvalidStateError

wins = []


def give(futures, k):
    for future in futures:
        try:
            future.set_result(k)
        except InvalidStateError:
            pass


futures = [Future() for _ in range(100)]
threads = [threading.Thread(target=give, args=(futures, k)) for k in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print([future.result() for future in futures])
