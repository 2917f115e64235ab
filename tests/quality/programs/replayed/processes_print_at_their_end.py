# REPLAYS: what several processes leave in their buffers until they end
import multiprocessing


def work(k):
    for i in range(5):
        print(k, i)


if __name__ == "__main__":
    processes = [multiprocessing.Process(target=work, args=(k,)) for k in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    print("end")
