"""A daemon process waits for orders, the main one sleeps."""

import multiprocessing
import time


def work(orders):
    orders.get()


if __name__ == "__main__":
    orders = multiprocessing.Queue()
    multiprocessing.Process(target=work, args=(orders,), daemon=True).start()
    time.sleep(3600)
