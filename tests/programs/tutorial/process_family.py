"""Each process tells whose child it is."""

import multiprocessing
import os
import sys


def tell(title, expected):
    print(title, multiprocessing.current_process().name, os.getppid() == expected or "not its child")


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1] if sys.argv[1:] else "fork")
    tell("main", os.getppid())
    process = multiprocessing.Process(target=tell, args=("child", os.getpid()), name="bob")
    process.start()
    process.join()
