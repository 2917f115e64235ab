"""Two processes that send each other messages forever."""

import multiprocessing


def answer(connection):
    while True:
        connection.send(connection.recv())


if __name__ == "__main__":
    ours, theirs = multiprocessing.Pipe()
    multiprocessing.Process(target=answer, args=(theirs,), daemon=True).start()
    ours.send(1)
    while True:
        ours.send(ours.recv())
