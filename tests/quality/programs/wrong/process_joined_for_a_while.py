# FINDS: lost-update on total
# The process may still be at it when main changes the Value.
import multiprocessing

total = multiprocessing.Value("i", 0)


def work(shared):
    shared.value += 1


if __name__ == "__main__":
    process = multiprocessing.Process(target=work, args=(total,))
    process.start()
    process.join(5)
    total.value += 10
    process.join()
    print(total.value)
