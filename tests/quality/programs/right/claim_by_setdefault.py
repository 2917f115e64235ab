# CLEAN: setdefault gives the key to one thread; the others stay away from it
import threading

owners = {}
prices = {"tea": 1, "rice": 2}


def raise_price(name):
    me = object()
    if owners.setdefault(name, me) is me:
        prices[name] += 1


threads = [threading.Thread(target=raise_price, args=(each,)) for each in ("tea", "tea", "rice")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert prices == {"tea": 2, "rice": 3}
