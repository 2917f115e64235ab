# FINDS: lost-update on log
# `+=` of a str reads the old text and stores a new one.
import threading

log = ""


def write(letter):
    global log
    for _ in range(2):
        log += letter


threads = [threading.Thread(target=write, args=(each,)) for each in "abc"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(log))
