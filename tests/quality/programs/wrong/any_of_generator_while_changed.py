# FINDS: atomicity-violation | data-race on workers
# any() runs the generator step by step: RuntimeError when an item comes.
import threading

workers = {"w1": False, "w2": False}


def hire():
    workers["w3"] = True


def busy():
    return any(state for state in workers.values())


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=function) for function in (busy, hire)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
