# FINDS: lost-update on total
# `.value += 1` reads and stores; the Value's own lock is held for each of them only.
import multiprocessing


def work(total):
    for _ in range(2):
        total.value += 1


if __name__ == "__main__":
    total = multiprocessing.Value("i", 0)
    workers = [multiprocessing.Process(target=work, args=(total,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(total.value)
