# REPLAYS: what forked processes write, with os.write and when they end
import os
import sys

pids = []
for k in range(3):
    pid = os.fork()
    if pid == 0:
        for i in range(20):
            os.write(1, b"%d %d\n" % (k, i))
        print("end of", k)
        sys.exit(0)
    pids.append(pid)
for pid in pids:
    os.waitpid(pid, 0)
print("end")
