"""What a forked process knows of its threads."""

import os
import threading
import warnings

warnings.simplefilter("ignore", DeprecationWarning)


def look(word):
    main = threading.main_thread()
    idents = sorted(thread.ident for thread in threading.enumerate())
    own = threading.current_thread()
    print(
        word,
        main.name,
        main.is_alive(),
        own is main,
        own.is_alive(),
        own.ident == threading.get_ident(),
        idents == sorted(threading._active),
        flush=True,
    )


def fork(word):
    child = os.fork()
    if child == 0:
        look(word)
        other = threading.Thread(target=look, args=(word,))
        other.start()
        other.join()
        os._exit(0)
    print(os.waitpid(child, 0)[1], flush=True)


fork("main")
thread = threading.Thread(target=fork, args=("thread",))
thread.start()
thread.join()
look("end")
