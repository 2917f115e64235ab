# REPLAYS with --follow-subprocess: programs that threads start, talk to and wait for
import subprocess
import sys
import threading

CHILD = """
import os, sys, threading
count = 0
def work():
    global count
    seen = count
    print(sys.argv[1], seen, flush=True)
    count = seen + 1
threads = [threading.Thread(target=work) for _ in range(3)]
for t in threads: t.start()
for t in threads: t.join()
print(count, os.getpid(), os.getenv("HOME"), input())
sys.exit(int(sys.argv[1]))
"""


def start(number):
    command = [sys.executable, "-c", CHILD, str(number)]
    done = subprocess.run(command, input=f"to {number}", capture_output=True, text=True)
    print(number, done.stdout.split(), done.returncode, flush=True)


threads = [threading.Thread(target=start, args=(n,)) for n in range(3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
program = subprocess.Popen([sys.executable, "-c", "print('beside', flush=True)"])
print("beside", program.pid, flush=True)
while program.poll() is None:
    pass
print(program.returncode)
