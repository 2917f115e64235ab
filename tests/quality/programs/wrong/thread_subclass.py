# FINDS: lost-update on done
# run() of each thread changes the class's number.
import threading


class Worker(threading.Thread):
    done = 0

    def run(self):
        Worker.done += 1


workers = [Worker() for _ in range(3)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print(Worker.done)
