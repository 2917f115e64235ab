"""Threads count in a variable of the function that started them."""

import threading


def main():
    n = 0

    def f():
        nonlocal n
        n += 1

    ts = [threading.Thread(target=f) for i in range(3)]
    for t in ts:
        t.start()
    for t in ts:
        t.join()
    print(n)


main()
