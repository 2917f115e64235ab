# FINDS: atomicity-violation on items
# Both get the AttributeError, and the second list replaces the first.
import threading


class Bag:
    def add(self, item):
        try:
            items = self.items
        except AttributeError:
            items = self.items = []
        items.append(item)


bag = Bag()

threads = [threading.Thread(target=bag.add, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(bag.items))
