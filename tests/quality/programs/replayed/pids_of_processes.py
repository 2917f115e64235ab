# REPLAYS: pids and idents in the processes of a run
import multiprocessing
import os
import threading


def work(queue):
    main = threading.main_thread()
    queue.put((os.getpid(), os.getppid(), main.ident, main.native_id))


if __name__ == "__main__":
    queue = multiprocessing.Queue()
    processes = [multiprocessing.Process(target=work, args=(queue,)) for _ in range(3)]
    for process in processes:
        process.start()
    told = [queue.get() for _ in processes]
    for process in processes:
        process.join()
    assert {pid for pid, *_ in told} == {process.pid for process in processes}
    assert all(parent == os.getpid() and pid == native for pid, parent, _, native in told)
    print(sorted(told), os.getpid(), processes)
