"""Question and answer through the two ends of a pipe, which are then closed."""

import multiprocessing


def answer(line):
    print("asked:", line.recv())
    line.send(42)
    line.close()


if __name__ == "__main__":
    here, there = multiprocessing.Pipe()
    oracle = multiprocessing.Process(target=answer, args=(there,))
    oracle.start()
    here.send("the question")
    print("answered:", here.recv())
    oracle.join()
    here.close()
