# FINDS: lost-update on scores
# dict's own methods, called on the class: a read and a store as any other.
import threading

scores = {"ann": 0}


def work():
    for _ in range(2):
        dict.__setitem__(scores, "ann", dict.__getitem__(scores, "ann") + 1)


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(scores)
