import multiprocessing
import sys


def work(shared, items, number):
    shared[number] = number * number
    shared["last"] = "done"
    items.append(number)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        multiprocessing.set_start_method(sys.argv[1])
    with multiprocessing.Manager() as manager:
        shared = manager.dict()
        items = manager.list(range(5))
        processes = []
        for number in range(10):
            p = multiprocessing.Process(target=work, args=(shared, items, number))
            p.start()
            processes.append(p)
        for p in processes:
            p.join()
        print(dict(sorted(shared.items(), key=str)))
        print(sorted(items))
