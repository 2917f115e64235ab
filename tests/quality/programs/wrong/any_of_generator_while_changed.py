# FINDS: atomicity-violation | data-race on workers
# any() runs the generator step by step: RuntimeError when an item comes.
import threading

workers = {"w1": False, "w2": False}
failed = []


def hire():
    workers["w3"] = True


def busy():
    try:
        return any(state for state in workers.values())
    except RuntimeError:
        failed.append(1)


threads = [threading.Thread(target=function) for function in (busy, hire)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(failed)
