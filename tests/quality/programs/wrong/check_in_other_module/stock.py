goods = {"tea": 1}


def has(name):
    return name in goods


def take(name):
    return goods.pop(name)
