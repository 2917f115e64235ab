# FINDS: atomicity-violation on tasks
# empty() may still be true right after the put, and the worker leaves with the job undone.
import multiprocessing


def work(tasks, done):
    while not tasks.empty():
        tasks.get()
        with done.get_lock():
            done.value += 1


if __name__ == "__main__":
    tasks = multiprocessing.Queue()
    done = multiprocessing.Value("i", 0)
    for number in range(2):
        tasks.put(number)
    worker = multiprocessing.Process(target=work, args=(tasks, done))
    worker.start()
    worker.join()
    print(done.value)
    tasks.cancel_join_thread()
