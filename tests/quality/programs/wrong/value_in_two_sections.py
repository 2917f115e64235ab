# FINDS: lost-update on price
# The lock is let go between the read and the store.
import multiprocessing


def raise_by(price, amount):
    with price.get_lock():
        old = price.value
    new = old + amount
    with price.get_lock():
        price.value = new


if __name__ == "__main__":
    price = multiprocessing.Value("i", 100)
    workers = [multiprocessing.Process(target=raise_by, args=(price, n)) for n in (10, 20)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(price.value)
