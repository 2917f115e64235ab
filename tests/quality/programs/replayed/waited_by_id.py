# REPLAYS: programs that os.waitid waits for and looks at, one and any
import os
import subprocess
import time

program = subprocess.Popen(["sleep", "0.1"])
looks = 0
while (found := os.waitid(os.P_PID, program.pid, os.WEXITED | os.WNOHANG)) is None:
    looks += 1
    time.sleep(0.01)
print(looks, found.si_pid == program.pid, found.si_status)

program = subprocess.Popen(["sleep", "0.05"])
print(os.waitid(os.P_PID, program.pid, os.WEXITED | os.WNOWAIT).si_pid == program.pid)
print(os.waitid(os.P_ALL, 0, os.WEXITED).si_pid == program.pid)

programs = [subprocess.Popen(["sleep", f"0.0{n}"]) for n in (3, 2, 1)]
pids = [program.pid for program in programs]
looks = 0
while pids:
    found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG)
    if found is None:
        looks += 1
        time.sleep(0.005)
    else:
        pids.remove(found.si_pid)
        print(pids, looks)
