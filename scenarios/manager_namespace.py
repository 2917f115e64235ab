"""`ns.hits += 1` asks the manager twice: another process may come between the two."""

import multiprocessing


def visit(ns):
    for _ in range(25):
        ns.hits += 1


if __name__ == "__main__":
    with multiprocessing.Manager() as manager:
        ns = manager.Namespace(hits=0)
        visitors = [multiprocessing.Process(target=visit, args=(ns,)) for _ in range(2)]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()
        print("counted", ns.hits, "of 50")
