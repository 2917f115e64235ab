# REPLAYS: the order of sets of objects, and of what is weak
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor, wait


class Plain:
    def __init__(self, number):
        self.number = number


def show(objects):
    print(*[one.number for one in objects])


def work():
    mine = [Plain(number) for number in range(10)]
    show(set(mine))
    show(set(mine) - {mine[0]})
    show(frozenset(mine))
    show(weakref.WeakSet(mine))
    show(weakref.WeakKeyDictionary(dict.fromkeys(mine)))
    show(sorted(mine, key=hash))
    left = set(mine)
    while left:
        show([left.pop()])


threads = {threading.Thread(target=work) for _ in range(4)}
for thread in threads:
    thread.start()
for thread in threads:
    print(thread.name)
    thread.join()
with ThreadPoolExecutor(2) as executor:
    done, _ = wait({executor.submit(int, number) for number in range(8)})
print(*[future.result() for future in done])
