# CLEAN: each process is joined before the next one starts
import multiprocessing


def work(total, amount):
    total.value += amount


if __name__ == "__main__":
    total = multiprocessing.Value("i", 0)
    for amount in (1, 2):
        worker = multiprocessing.Process(target=work, args=(total, amount))
        worker.start()
        worker.join()
    assert total.value == 3
