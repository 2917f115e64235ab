# CLEAN: who puts the Future under the key, in one step, is the one that computes
import concurrent.futures
import threading

promises = {}
computed = []


def get(key):
    mine = concurrent.futures.Future()
    promise = promises.setdefault(key, mine)
    if promise is mine:
        computed.append(key)
        promise.set_result(key * 2)
    return promise.result()


threads = [threading.Thread(target=get, args=(each,)) for each in (1, 1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(computed) == [1, 2]
