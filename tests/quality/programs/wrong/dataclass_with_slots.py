# FINDS: lost-update on left
# `-=` of a slot reads and stores.
import dataclasses
import threading


@dataclasses.dataclass(slots=True)
class Quota:
    left: int


quota = Quota(10)


def use():
    for _ in range(2):
        quota.left -= 1


threads = [threading.Thread(target=use) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(quota.left)
