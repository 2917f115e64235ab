# FINDS: lost-update on score
# getattr and setattr are a read and a write as any other.
import threading


class Game:
    score = 0


game = Game()


def play(field):
    setattr(game, field, getattr(game, field) + 1)


threads = [threading.Thread(target=play, args=(each,)) for each in ("score", "score", "score")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(game.score)
