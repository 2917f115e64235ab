# REPLAYS: texts and numbers that tell where an object lies
import threading


class Plain:
    def method(self):
        return lambda: self


class Other(Plain):
    def __str__(self):
        return f"other {id(self):#x}"


def numbers():
    yield 1


owners, lock = {}, threading.Lock()
objects = [Plain() for _ in range(4)]


def work(number):
    with lock:
        mine = objects[number]
        owners[id(mine)] = number
        print(mine, f"{id(mine):#x}" in repr(mine), mine.method(), mine.method, [Other(), str(Other())])
        print(object(), numbers(), threading.Event(), threading.Lock(), threading.RLock(), iter([]))


threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(owners, [objects.index(one) for one in sorted(objects, key=id)], object.__repr__(threads))
try:
    raise ValueError(objects[0])
except ValueError as error:
    print(repr(error), error.__traceback__)
