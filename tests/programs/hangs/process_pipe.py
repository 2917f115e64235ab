"""Both ends wait for the other to speak first."""

import multiprocessing


def listen(connection):
    connection.recv()
    connection.send("hello")


if __name__ == "__main__":
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=listen, args=(theirs,), name="listener")
    process.start()
    ours.recv()
