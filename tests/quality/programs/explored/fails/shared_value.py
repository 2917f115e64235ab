# FAILS: AssertionError
# Two processes change a Value without its lock.
import multiprocessing


def add(value):
    value.value += 1


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    value = context.Value("i", 0)
    processes = [context.Process(target=add, args=(value,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert value.value == 2, value.value
