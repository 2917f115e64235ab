# FINDS: lost-update on total
# Processes made by os.fork share the Value as any others.
import multiprocessing
import os

total = multiprocessing.Value("i", 0)
children = []
for number in (1, 2):
    child = os.fork()
    if child == 0:
        total.value += number
        os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
print(total.value)
