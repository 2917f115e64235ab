# CLEAN: the child changes the number when it has received what the parent sent after its own change
import multiprocessing


def second(value, receiver):
    receiver.recv()
    value.value *= 10


if __name__ == "__main__":
    value = multiprocessing.Value("i", 1)
    receiver, sender = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.Process(target=second, args=(value, receiver))
    child.start()
    value.value += 1
    sender.send("go")
    child.join()
    assert value.value == 20
