# REPLAYS with --follow-subprocess: processes that become another program
import os
import sys

COMMAND = [sys.executable, "-c", "import os, threading; print(os.getpid(), threading.get_ident())"]
sys.stdout.flush()
for _ in range(2):
    pid = os.fork()
    if pid == 0:
        os.execv(sys.executable, COMMAND)
    print(os.waitpid(pid, 0), flush=True)
print(os.spawnv(os.P_WAIT, sys.executable, COMMAND), flush=True)
print(os.waitpid(os.posix_spawn(sys.executable, COMMAND, os.environ), 0)[1], flush=True)
os.execv(sys.executable, COMMAND)
