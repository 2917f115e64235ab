# FINDS: lost-update on total
# The first thread is joined twice, and the second one still runs.
import threading

total = 0


def work():
    global total
    total += 1


one = threading.Thread(target=work)
two = threading.Thread(target=work)
one.start()
two.start()
one.join()
one.join()
total += 10
two.join()
print(total)
