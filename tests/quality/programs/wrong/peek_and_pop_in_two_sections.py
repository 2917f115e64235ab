# FINDS: atomicity-violation on letters
# The lock is let go between the peek and the pop.
import threading

lock = threading.Lock()
letters = ["a", "b", "c"]
read = []


def work():
    with lock:
        letter = letters[0]
    read.append(letter)
    with lock:
        letters.pop(0)


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(read), letters)
