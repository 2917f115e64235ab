# CLEAN: who has taken the token is alone until it puts it back
import queue
import threading

tokens = queue.Queue()
tokens.put("token")
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
assert total == 3
