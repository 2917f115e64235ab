"""Two processes send each other more than a pipe takes, one after the other."""

import multiprocessing


def answer(conn):
    size = len(conn.recv())
    conn.send([size, "x" * 1_000_000])


if __name__ == "__main__":
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=answer, args=(there,))
    process.start()
    here.send("x" * 1_000_000)
    size, text = here.recv()
    process.join()
    print([size, len(text)])
