# FINDS: lost-update on flags
# `|=` of an int reads and stores: another's bit is lost.
import threading

flags = 0


def mark(bit):
    global flags
    flags |= 1 << bit


threads = [threading.Thread(target=mark, args=(each,)) for each in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(bin(flags))
