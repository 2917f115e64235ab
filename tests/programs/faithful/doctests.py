"""
>>> add(1, 2)
3
>>> add(1, 'x')
Traceback (most recent call last):
TypeError: ...
>>> add(1, 1)
3
"""

import doctest

count = 0


def add(a, b):
    """
    >>> add(2, 2)
    4
    """
    global count
    count += 1
    return a + b


print(doctest.testmod(), count)
