# FINDS: lost-update on sold
# Both read the same number, and both store it plus their own.
import threading


class Shop:
    def __init__(self):
        self.sold = {"tea": 0}

    def sell(self, amount):
        self.sold["tea"] += amount


shop = Shop()

threads = [threading.Thread(target=shop.sell, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(shop.sold)
