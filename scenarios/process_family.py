"""Each process says who it is and who made it."""

import multiprocessing
import os


def introduce(title):
    print(title, "has pid", os.getpid(), "and parent", os.getppid())


if __name__ == "__main__":
    introduce("main")
    child = multiprocessing.Process(target=introduce, args=("child",), name="child")
    child.start()
    child.join()
