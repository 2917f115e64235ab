# CLEAN: who has taken the token puts the next one back; who finds none goes without
import threading

tokens = {"token": 1}
got = []


def work():
    token = tokens.pop("token", None)
    if token is not None:
        got.append(token)
        tokens["token"] = token + 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert tokens["token"] == len(got) + 1
