# FINDS: lost-update on total
# Each process makes a lock of its own, which keeps nobody out.
import multiprocessing


def work(total):
    lock = multiprocessing.Lock()
    with lock:
        total.value += 1


if __name__ == "__main__":
    total = multiprocessing.Value("i", 0, lock=False)
    workers = [multiprocessing.Process(target=work, args=(total,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(total.value)
