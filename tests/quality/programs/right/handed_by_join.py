# CLEAN: the second joins the first before it goes on with the number
import threading

value = 1


def first():
    global value
    value += 1


def second(before):
    global value
    before.join()
    value *= 10


one = threading.Thread(target=first)
two = threading.Thread(target=second, args=(one,))
one.start()
two.start()
two.join()
assert value == 20
