# CLEAN: the lock is taken in one method and released in another, by the same thread
import threading


class Editor:
    def __init__(self):
        self.lock = threading.Lock()
        self.text = ""

    def begin(self):
        self.lock.acquire()

    def end(self):
        self.lock.release()

    def insert(self, letter):
        self.text += letter


editor = Editor()


def write(letter):
    editor.begin()
    editor.insert(letter)
    editor.insert(letter)
    editor.end()


threads = [threading.Thread(target=write, args=(each,)) for each in "abc"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(editor.text) == 6
