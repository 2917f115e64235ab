# REPLAYS: the pids of programs that are started, what takes them, and which one `os.wait` finds
import os
import signal
import subprocess

programs = {}
for number in range(3):
    program = subprocess.Popen(["sh", "-c", f"exit {number}"])
    programs[program.pid] = program
    print(program.pid)
for _ in range(3):
    pid, status = os.wait()
    print(programs[pid].args, os.waitstatus_to_exitcode(status))
sleeper = subprocess.Popen(["sleep", "100"], start_new_session=True)
try:
    sleeper.wait(timeout=0.001)
except subprocess.TimeoutExpired:
    print("runs", sleeper.pid, sleeper.poll())
os.kill(sleeper.pid, signal.SIGTERM)
print(sleeper.wait(), sleeper)
group = subprocess.Popen(["sleep", "100"], start_new_session=True)
assert os.getpgid(group.pid) == group.pid
os.killpg(group.pid, signal.SIGKILL)
print(group.wait())
