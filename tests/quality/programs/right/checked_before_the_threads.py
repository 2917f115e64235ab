# CLEAN: what main makes before it starts the threads is there for all of them
import threading

tables = {}
if "main" not in tables:
    tables["main"] = []


def put(name):
    if "main" in tables:
        tables["main"].append(name)


threads = [threading.Thread(target=put, args=(each,)) for each in "abc"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(tables["main"]) == 3
