"""Two processes are to meet a third one, which is never started."""

import multiprocessing


def meet(meeting):
    meeting.wait()


if __name__ == "__main__":
    meeting = multiprocessing.Barrier(3)
    processes = [multiprocessing.Process(target=meet, args=(meeting,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
