# REPLAYS: names of temporary files, and secrets and numbers from the system
import os
import random
import secrets
import tempfile
import threading
import uuid

made = []


def work():
    with tempfile.TemporaryDirectory() as folder:
        descriptor, name = tempfile.mkstemp(dir=folder)
        os.close(descriptor)
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            made.append((name, file.name))
    made.append((uuid.uuid4(), secrets.token_hex(4), random.SystemRandom().randrange(1000)))


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for one in made:
    print(*one)
