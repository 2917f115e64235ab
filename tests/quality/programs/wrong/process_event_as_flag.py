# FINDS: atomicity-violation on closed
# is_set and set are two steps: both processes may find it unset, and both close.
import multiprocessing


def close(closed, closings):
    if not closed.is_set():
        closed.set()
        with closings.get_lock():
            closings.value += 1


if __name__ == "__main__":
    closed = multiprocessing.Event()
    closings = multiprocessing.Value("i", 0)
    workers = [multiprocessing.Process(target=close, args=(closed, closings)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(closings.value)
