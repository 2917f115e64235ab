# FINDS: lost-update on total
# There are two tokens, so two threads may be inside.
import queue
import threading

tokens = queue.Queue()
tokens.put("a")
tokens.put("b")
total = 0


def work():
    global total
    token = tokens.get()
    total += 1
    tokens.put(token)


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
