# FINDS: lost-update on left
# The parent changes the number while its child does.
import multiprocessing


def use(left):
    left.value -= 1


if __name__ == "__main__":
    left = multiprocessing.Value("i", 10)
    child = multiprocessing.Process(target=use, args=(left,))
    child.start()
    left.value -= 2
    child.join()
    print(left.value)
