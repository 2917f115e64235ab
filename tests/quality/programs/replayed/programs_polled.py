# REPLAYS: how often a program was polled before it had ended, and which of several ended first
import subprocess
import time

program = subprocess.Popen(["sleep", "0.05"])
looks = 0
while program.poll() is None:
    looks += 1
    time.sleep(0.005)
print(looks, program.returncode)

programs = [subprocess.Popen(["true"]) for _ in range(3)]
left, order = list(programs), []
while left:
    for program in list(left):
        if program.poll() is not None:
            left.remove(program)
            order.append(programs.index(program))
print(order)
