# FINDS: atomicity-violation | lost-update on stock
# Both see the last one in stock, and both sell it.
import threading


class Shop:
    def __init__(self):
        self.stock = {"lamp": 1}
        self.sold = []

    def available(self, name):
        return self.stock.get(name, 0) > 0

    def sell(self, name, customer):
        if self.available(name):
            self.stock[name] -= 1
            self.sold.append(customer)


shop = Shop()

threads = [
    threading.Thread(target=function)
    for function in (lambda: shop.sell("lamp", "ann"), lambda: shop.sell("lamp", "bob"))
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(shop.stock, shop.sold)
