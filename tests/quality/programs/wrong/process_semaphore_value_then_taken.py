# FINDS: atomicity-violation on slots
# Both processes see the slot free, and the second waits for it.
import multiprocessing


def visit(slots):
    if slots.get_value() > 0:
        with slots:
            pass


if __name__ == "__main__":
    slots = multiprocessing.Semaphore(1)
    visitors = [multiprocessing.Process(target=visit, args=(slots,)) for _ in range(2)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
