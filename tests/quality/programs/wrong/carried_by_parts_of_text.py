# FINDS: lost-update on text
# The text is carried in a list of the thread's own from one critical section to the next.
import threading

lock = threading.Lock()
text = ""


def write(word):
    global text
    parts = []
    with lock:
        parts.append(text)
    parts.append(word)
    with lock:
        text = " ".join(parts)


threads = [threading.Thread(target=write, args=(each,)) for each in ("one", "two")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(text)
