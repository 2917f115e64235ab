# FINDS: atomicity-violation on tasks
# put() hands the items to a thread of the queue: a worker that starts at once can find it empty,
# and leaves; the items stay inside.
import multiprocessing


def work(tasks):
    while not tasks.empty():
        tasks.get()


if __name__ == "__main__":
    tasks = multiprocessing.Queue()
    for n in range(3):
        tasks.put(n)
    worker = multiprocessing.Process(target=work, args=(tasks,))
    worker.start()
    worker.join()
    tasks.cancel_join_thread()
