# FINDS: lost-update on block, memory, shared, SharedMemory, buf
# `+=` of a byte of the block reads and stores.
import multiprocessing
from multiprocessing import shared_memory


def work(block):
    block.buf[0] += 1


if __name__ == "__main__":
    block = shared_memory.SharedMemory(create=True, size=16)
    workers = [multiprocessing.Process(target=work, args=(block,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(block.buf[0])
    block.close()
    block.unlink()
