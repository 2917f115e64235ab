# FINDS: atomicity-violation on started
# Both processes find it 0, and both start.
import multiprocessing


def start(started, starts):
    if started.value == 0:
        started.value = 1
        with starts.get_lock():
            starts.value += 1


if __name__ == "__main__":
    started = multiprocessing.Value("i", 0)
    starts = multiprocessing.Value("i", 0)
    workers = [multiprocessing.Process(target=start, args=(started, starts)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(starts.value)
