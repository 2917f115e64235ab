# FINDS: lost-update on n, space
# The attribute is read in one call of the manager and stored in another.
import multiprocessing


def work(space):
    space.n = space.n + 1


if __name__ == "__main__":
    with multiprocessing.Manager() as manager:
        space = manager.Namespace(n=0)
        workers = [multiprocessing.Process(target=work, args=(space,)) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        print(space.n)
