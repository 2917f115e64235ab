# FINDS: atomicity-violation on prepared
# Both find it False, both set it to True, and both prepare.
import threading

prepared = False
times = []


def prepare():
    global prepared
    if not prepared:
        prepared = True
        times.append("prepared")


threads = [threading.Thread(target=prepare) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(times))
