# REPLAYS: which processes there are, and whether they are alive, asked again and again
import multiprocessing
import time


def work(number):
    time.sleep(0.02 * number)


if __name__ == "__main__":
    processes = [multiprocessing.Process(target=work, args=(number,)) for number in range(3)]
    for process in processes:
        process.start()
    asked = 0
    while multiprocessing.active_children():
        asked += 1
        if asked % 50 == 0:
            print([process.is_alive() for process in processes], processes[2].exitcode)
    print(asked if asked < 10_000 else "often")
    for process in processes:
        process.join()
    print(processes)
