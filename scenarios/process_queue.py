"""A child sends through a queue, and its parent takes: one message edge for each item."""

import multiprocessing


def cook(counter):
    for dish in "soup", "rice", "tea":
        counter.put(dish)


if __name__ == "__main__":
    counter = multiprocessing.Queue()
    cooking = multiprocessing.Process(target=cook, args=(counter,))
    cooking.start()
    for _ in range(3):
        print("served", counter.get())
    cooking.join()
