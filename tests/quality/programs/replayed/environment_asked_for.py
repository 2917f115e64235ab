# REPLAYS: variables of the environment, which threads and a forked process ask for.
import os
import threading


def look(number):
    print(number, os.environ.get("HOME"), os.getenv("USER"), "NOT_SET" in os.environ, flush=True)


def change(number):
    os.environ["CHANGED"] = str(number)
    print(number, os.environ["CHANGED"], os.environ.pop("NOT_SET_TOO", None), flush=True)


threads = [threading.Thread(target=work, args=(n,)) for n in range(3) for work in (look, change)]
for t in threads:
    t.start()
for t in threads:
    t.join()
pid = os.fork()
if pid == 0:
    look("child")
    print(os.environ["CHANGED"], os.getenv("TERM"), flush=True)
    os._exit(0)
os.waitpid(pid, 0)
