# CLEAN: the child waits for the event that comes after the parent's change
import multiprocessing


def second(value, ready):
    ready.wait()
    value.value *= 10


if __name__ == "__main__":
    value = multiprocessing.Value("i", 1)
    ready = multiprocessing.Event()
    child = multiprocessing.Process(target=second, args=(value, ready))
    child.start()
    value.value += 1
    ready.set()
    child.join()
    assert value.value == 20
