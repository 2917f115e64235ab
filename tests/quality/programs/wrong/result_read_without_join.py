# FINDS: data-race | atomicity-violation on results
# main sums up what may not be there yet.
import threading

results = {}


def work(number):
    results[number] = number * number


threads = [threading.Thread(target=work, args=(number,)) for number in (1, 2)]
for thread in threads:
    thread.start()
total = sum(results.values())
for thread in threads:
    thread.join()
print(total)
