# FAILS: AssertionError
# Nineteen look at what the last one sets; it must be late for one to miss it.
import threading

done = []
missed = []


def work(number):
    done.append(number)
    if number == 0 and len(done) == 20:
        missed.append(number)


threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not missed
