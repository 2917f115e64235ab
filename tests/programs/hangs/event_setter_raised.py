"""The thread that was to set the event dies of an exception first."""

import threading

ready = threading.Event()
table = {}


def load():
    table["rows"] = int("many")
    ready.set()


loader = threading.Thread(target=load, name="loader")
loader.start()
ready.wait()
