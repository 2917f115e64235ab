"""Every type that a SyncManager has, used by three processes."""

import multiprocessing
import sys
from multiprocessing.managers import BaseManager


class Counter:
    def __init__(self):
        self.count = 0

    def add(self, step):
        self.count += step
        return self.count


class CounterManager(BaseManager):
    pass


CounterManager.register("Counter", Counter)


def square(x):
    return x * x


def work(number, shared, gates, counter):
    with gates.lock:
        shared.numbers["n"] = shared.numbers["n"] + 1
    with gates.rlock, gates.rlock:
        shared.names.append(f"process {number}")
    with gates.semaphore:
        shared.nested["inner"].append(number)
    with gates.bounded:
        shared.array[number] = number + 0.5
    gates.barrier.wait()
    gates.event.wait()
    with gates.condition:
        shared.value.value += 1
        gates.condition.notify_all()
    with gates.lock:
        shared.space.total += number
    gates.queue.put(number)
    gates.joinable.put(number)
    counter.add(1)


class Shared:
    def __init__(self, manager):
        self.numbers = manager.dict(n=0)
        self.names = manager.list()
        self.nested = manager.dict(inner=manager.list([9]))
        self.array = manager.Array("d", [0.0] * 3)
        self.value = manager.Value("i", 0)
        self.space = manager.Namespace(total=0)


class Gates:
    def __init__(self, manager):
        self.lock = manager.Lock()
        self.rlock = manager.RLock()
        self.semaphore = manager.Semaphore(2)
        self.bounded = manager.BoundedSemaphore(2)
        self.condition = manager.Condition()
        self.event = manager.Event()
        self.barrier = manager.Barrier(3)
        self.queue = manager.Queue()
        self.joinable = manager.JoinableQueue()


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    manager = multiprocessing.Manager()
    shared, gates = Shared(manager), Gates(manager)
    with CounterManager() as other:
        counter = other.Counter()
        processes = [
            multiprocessing.Process(target=work, args=(i, shared, gates, counter)) for i in range(3)
        ]
        for p in processes:
            p.start()
        gates.event.set()
        with gates.condition:
            gates.condition.wait_for(lambda: shared.value.value == 3)
        print(sorted(gates.queue.get() for _ in range(3)))
        for _ in range(3):
            gates.joinable.get()
            gates.joinable.task_done()
        gates.joinable.join()
        for p in processes:
            p.join()
        print(counter.add(0))
    print(shared.numbers, sorted(shared.names), sorted(shared.nested["inner"]))
    print(shared.array, shared.value, shared.space)
    print(gates.event.is_set(), gates.barrier.parties, gates.queue.qsize(), gates.queue.empty())
    with manager.Pool(2) as pool:
        print(pool.apply(square, (3,)), pool.map(square, range(4)))
        print(pool.apply_async(square, (5,)).get(), list(pool.imap(square, [6, 7])))
    for attempt in (
        lambda: shared.numbers["nowhere"],
        lambda: shared.names[99],
        lambda: gates.bounded.release(),
        lambda: shared.space.nothing,
        lambda: gates.joinable.task_done(),
        lambda: shared.numbers._callmethod("unknown"),
    ):
        try:
            attempt()
        except Exception as error:
            print(type(error).__name__, error.args if "Remote" not in type(error).__name__ else "")
    manager.shutdown()
