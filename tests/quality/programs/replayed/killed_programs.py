# REPLAYS: programs that are killed when their time is over, and what they had said by then
import subprocess
import sys
import threading

TALKER = "import time; print('hi', flush=True); time.sleep(60)"


def talk(number):
    command = [sys.executable, "-c", TALKER]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        said = program.communicate(timeout=0.5)
    except subprocess.TimeoutExpired:
        program.kill()
        said = program.communicate()
    print(number, said, program.returncode, flush=True)


threads = [threading.Thread(target=talk, args=(n,)) for n in range(3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
try:
    subprocess.run([sys.executable, "-c", TALKER], timeout=0.3, capture_output=True)
except subprocess.TimeoutExpired as error:
    print(error.timeout, error.output)
program = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
program.stdin.write(b"abc")
program.stdin.flush()
print(program.stdout.read(3))
program.terminate()
print(program.communicate(), program.returncode)
