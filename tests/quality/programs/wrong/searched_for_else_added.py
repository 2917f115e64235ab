# FINDS: atomicity-violation on tags
# The loop ends without a break: both append.
import threading

tags = ["red"]


def tag(name):
    for known in tags:
        if known == name:
            break
    else:
        tags.append(name)


threads = [threading.Thread(target=tag, args=("blue",)) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(tags)
