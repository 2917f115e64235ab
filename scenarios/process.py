"""A process made with a target, and one of a subclass; each joined."""

import multiprocessing


def bake(loaves):
    print("baked", loaves)


class Oven(multiprocessing.Process):
    def run(self):
        print(self.name, "is hot")


if __name__ == "__main__":
    for process in multiprocessing.Process(target=bake, args=(3,)), Oven(name="oven"):
        process.start()
        process.join()
    print("the shop closes")
