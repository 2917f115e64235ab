"""One lock of the manager's, held from the read to the write, in every process."""

import multiprocessing


def visit(ns, turnstile):
    for _ in range(25):
        with turnstile:
            ns.hits += 1


if __name__ == "__main__":
    with multiprocessing.Manager() as manager:
        ns = manager.Namespace(hits=0)
        turnstile = manager.Lock()
        visitors = [multiprocessing.Process(target=visit, args=(ns, turnstile)) for _ in range(2)]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()
        print("counted", ns.hits, "of 50")
