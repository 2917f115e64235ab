# REPLAYS: in which order processes append to one file, and read what others wrote
import multiprocessing
import os
import tempfile


def work(name, folder):
    for number in range(20):
        with open(os.path.join(folder, "appended"), "a") as file:
            file.write(f"{name} {number}\n")
        path = os.path.join(folder, "count")
        with open(path) as file:
            count = int(file.read() or 0)
        with open(path, "w") as file:
            file.write(str(count + 1))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "count"), "w") as file:
            file.write("0")
        processes = [multiprocessing.Process(target=work, args=(name, folder)) for name in "abc"]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        with open(os.path.join(folder, "appended")) as file:
            print(hash(file.read()))
        with open(os.path.join(folder, "count")) as file:
            print(file.read())
