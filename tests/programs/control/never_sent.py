"""Two processes wait for what the other is to send."""

import multiprocessing

if __name__ == "__main__":
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=there.recv)
    process.start()
    here.recv()
