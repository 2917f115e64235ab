# CLEAN: the read and the write of the text are in one critical section
import threading

lock = threading.Lock()
text = ""


def write(word):
    global text
    parts = []
    with lock:
        parts.append(text)
        parts.append(word)
        text = " ".join(parts)


threads = [threading.Thread(target=write, args=(each,)) for each in ("one", "two")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(text.split()) == ["one", "two"]
