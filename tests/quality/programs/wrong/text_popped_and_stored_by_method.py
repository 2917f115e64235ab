# FINDS: lost-update | atomicity-violation on texts
# The text is taken out by one method and put back by another.
import threading


class Notes:
    def __init__(self):
        self.texts = {"home": "x"}

    def take(self, name):
        return self.texts.pop(name, "")

    def put(self, name, text):
        self.texts[name] = text


notes = Notes()


def write(word):
    notes.put("home", notes.take("home") + word)


threads = [threading.Thread(target=write, args=(each,)) for each in ("a", "b")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(notes.texts)
