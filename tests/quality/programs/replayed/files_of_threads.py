# REPLAYS: in which order threads write into one file and one buffer, and read what others wrote
import io
import os
import sys
import tempfile
import threading

sys.setswitchinterval(1e-5)
lines = io.StringIO()


def work(name, shared, folder):
    for number in range(30):
        shared.write(f"{name} {number}\n")
        print(name, number, file=lines)
        with open(os.path.join(folder, "appended"), "a") as file:
            file.write(f"{name} {number}\n")
        path = os.path.join(folder, "count")
        with open(path) as file:
            count = int(file.read() or 0)
        with open(path, "w") as file:
            file.write(str(count + 1))


def read(*path):
    with open(os.path.join(*path)) as file:
        return file.read()


with tempfile.TemporaryDirectory() as folder:
    with open(os.path.join(folder, "count"), "w") as file:
        file.write("0")
    with open(os.path.join(folder, "shared"), "w") as shared:
        threads = [threading.Thread(target=work, args=(name, shared, folder)) for name in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    print(hash(read(folder, "shared")), hash(lines.getvalue()))
    print(hash(read(folder, "appended")), read(folder, "count"))
