# FINDS: lost-update | atomicity-violation on letters
# `+=` of a Counter's item reads and stores.
import collections
import threading

letters = collections.Counter()


def work(text):
    for letter in text:
        letters[letter] += 1


threads = [threading.Thread(target=work, args=(each,)) for each in ("ab", "ba", "ab")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(letters.items()))
