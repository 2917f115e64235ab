"""Two processes that sleep are killed."""

import multiprocessing
import sys
import time

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    processes = [context.Process(target=time.sleep, args=(1000,)) for _ in range(2)]
    for process in processes:
        process.start()
    time.sleep(1)
    processes[0].terminate()
    processes[1].kill()
    for process in processes:
        process.join()
    print([process.exitcode for process in processes])
