import os, subprocess, sys, threading

taken = []


def work(number):
    with threading.Lock():
        globals()[f"v{number}"] = number
    taken.append({number: object()})


def threads():
    started = [threading.Thread(target=work, args=(i,)) for i in range(3)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    for i in range(3000):
        taken.append(i)


def child(body):
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        body()
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def leaves():
    print("child", flush=True)
    os.execv(sys.executable, [sys.executable, "-c", "print('executed')"])


def daemon():
    """As Stevens has it, with all descriptors closed."""
    os.setsid()
    if os.fork():
        os._exit(0)
    os.closerange(3, 256)
    read = os.pipe()
    assert read == (3, 4), read
    threads()
    os.write(4, b"mine")
    assert os.read(3, 100) == b"mine"
    with open("daemon.tmp", "w") as file:
        threads()
        file.write("done")
    os.rename("daemon.tmp", "daemon")
    os._exit(0)


child(leaves)
child(daemon)
child(lambda: 1 / 0)
child(lambda: sys.exit(4))
child(lambda: os.kill(os.getpid(), 15))
os.closerange(3, 256)
with open("own", "w+b", buffering=0) as file:
    print(file.fileno())
    threads()
    file.write(b"mine")
    file.seek(0)
    print(file.read())
command = [sys.executable, "-c", "import sys; print(sys.argv, sys.flags.optimize); sys.exit(3)"]
print(subprocess.run(command, capture_output=True))
sys.stdout.flush()
os.execv("/bin/echo", ["echo", "replaced"])
