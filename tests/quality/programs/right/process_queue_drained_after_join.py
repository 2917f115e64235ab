# CLEAN: a process that has been joined has sent what it put, so empty() tells the truth
import multiprocessing


def work(results):
    for n in range(3):
        results.put(n)


if __name__ == "__main__":
    results = multiprocessing.Queue()
    worker = multiprocessing.Process(target=work, args=(results,))
    worker.start()
    worker.join()
    got = []
    while not results.empty():
        got.append(results.get())
    assert got == [0, 1, 2]
