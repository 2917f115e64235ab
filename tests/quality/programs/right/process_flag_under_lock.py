# CLEAN: the look and the set are under the Value's lock
import multiprocessing


def start(started, starts):
    with started.get_lock():
        if started.value:
            return
        started.value = 1
    starts.value += 1


if __name__ == "__main__":
    started = multiprocessing.Value("i", 0)
    starts = multiprocessing.Value("i", 0)
    workers = [multiprocessing.Process(target=start, args=(started, starts)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert starts.value == 1
