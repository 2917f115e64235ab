# REPLAYS: how many threads there are and which, and whether they are alive, asked again and again
import threading
import time


def work(number):
    time.sleep(0.002 * number)


threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
for thread in threads:
    thread.start()
asked = 0
while threading.active_count() != 1:
    asked += 1
    print(threading.active_count(), [thread.name for thread in threading.enumerate()])
    print(threads[2].is_alive(), threads[-1])
print(asked)
again = threading.Thread(target=work, args=(3,))
again.start()
spins = 0
while again.is_alive():
    spins += 1
print(spins if spins < 10_000 else "often")
