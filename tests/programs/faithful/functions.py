import inspect, typing


def outer(a, b=1, *c, d: int = 3, **e) -> str:
    "doc"
    global z
    z = a + b

    def inner():
        return a

    return inner


code = outer.__code__
print(code.co_name, code.co_varnames, code.co_freevars, code.co_cellvars, code.co_firstlineno)
print(code.co_filename, code.co_argcount, code.co_flags, code.co_names, outer.__qualname__)
print(outer.__doc__, outer.__annotations__, outer.__defaults__, outer.__kwdefaults__)
print([c for c in code.co_consts if isinstance(c, (str, int))])
print(sorted({line for _, _, line in code.co_lines() if line}))
print(inspect.signature(outer), outer(1).__closure__[0].cell_contents, typing.get_type_hints(outer))
