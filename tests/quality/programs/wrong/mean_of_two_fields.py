# FINDS: lost-update on mean, count
# The running mean is made of two fields, read and stored without a lock.
import threading


class Mean:
    count = 0
    mean = 0.0

    def add(self, value):
        count = self.count + 1
        self.mean = self.mean + (value - self.mean) / count
        self.count = count


mean = Mean()

threads = [threading.Thread(target=mean.add, args=(each,)) for each in (2.0, 4.0, 9.0)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(mean.count)
