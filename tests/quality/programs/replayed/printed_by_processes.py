# REPLAYS: what several processes print, in the order in which it came out
import multiprocessing
import sys


def work(k):
    for i in range(5):
        print(k, i, flush=i % 2 == 0)
    sys.stdout.flush()


if __name__ == "__main__":
    processes = [multiprocessing.Process(target=work, args=(k,)) for k in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    print("end")
