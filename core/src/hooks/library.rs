//! Functions of the standard library that read or change a container that they are given:
//! `heapq.heappush`, `random.shuffle`, `json.dumps`, `",".join`.

use super::containers;
use super::hook::{Hook, Object};
use super::modules;
use super::objects::forward;
use crate::cpython::{callables, types};
use crate::gil::Gil;
use crate::ops::{flag, ITERATE, READ, UPDATE};
use crate::record::{self, access, alone, gate, identity, locations, recording};
use pyo3::ffi;
use pyo3::Python;
use std::ffi::CStr;
use std::ptr::null_mut;

/// What a function does to its arguments.
#[derive(Clone, Copy, PartialEq)]
enum Effect {
    /// Goes through every container among them.
    Iterate,
    /// Goes through the first, and through what is in it.
    Deep,
    /// Looks at some items of the first.
    Read,
    /// Changes the first at once, or looks at it and changes it step by step.
    Update,
    Rework,
}

/// How deep, and into how many containers, `Deep` is followed.
const DEPTH: u32 = 4;
const MOST: usize = 256;

const FUNCTIONS: &[(&CStr, Effect, &[&CStr])] = &[
    (
        c"heapq",
        Effect::Update,
        &[
            c"heapify",
            c"heappop",
            c"heappush",
            c"heappushpop",
            c"heapreplace",
        ],
    ),
    (
        c"heapq",
        Effect::Iterate,
        &[c"merge", c"nlargest", c"nsmallest"],
    ),
    (
        c"bisect",
        Effect::Update,
        &[c"insort", c"insort_left", c"insort_right"],
    ),
    (
        c"bisect",
        Effect::Read,
        &[c"bisect", c"bisect_left", c"bisect_right"],
    ),
    (c"random", Effect::Rework, &[c"shuffle"]),
    (c"random", Effect::Read, &[c"choice"]),
    (c"random", Effect::Iterate, &[c"choices", c"sample"]),
    (c"json", Effect::Deep, &[c"dump", c"dumps"]),
    (c"pickle", Effect::Deep, &[c"dump", c"dumps"]),
    (c"marshal", Effect::Deep, &[c"dump", c"dumps"]),
    (c"copy", Effect::Iterate, &[c"copy"]),
    (c"copy", Effect::Deep, &[c"deepcopy"]),
    (c"pprint", Effect::Deep, &[c"pformat", c"pprint"]),
    (c"functools", Effect::Iterate, &[c"reduce"]),
    (
        c"itertools",
        Effect::Iterate,
        &[c"chain", c"cycle", c"islice", c"zip_longest"],
    ),
    (
        c"collections",
        Effect::Iterate,
        &[c"Counter", c"OrderedDict", c"defaultdict", c"deque"],
    ),
    (
        c"statistics",
        Effect::Iterate,
        &[c"fmean", c"mean", c"median", c"stdev"],
    ),
    (c"math", Effect::Iterate, &[c"fsum", c"prod"]),
];

/// A function of the table that has been found in its module.
struct Found {
    name: &'static CStr,
    function: Object,
    effect: Effect,
}

static FOUND: Gil<Vec<Found>> = Gil::new(Vec::new());
static JOIN: Gil<*mut ffi::PyMethodDef> = Gil::new(null_mut());

/// What `random.shuffle` is a method of is known by its function.
unsafe fn plain(function: Object) -> Object {
    callables::bound(function).map_or(function, |(function, _)| function)
}

unsafe fn is_str_join(py: Python<'_>, function: Object) -> bool {
    if JOIN.copied(py).is_null() {
        let strings = (&raw mut ffi::PyUnicode_Type).cast();
        JOIN.set(
            py,
            crate::cpython::methods::find(strings, c"join").unwrap_or(null_mut()),
        );
    }
    ffi::Py_TYPE(function) == &raw mut ffi::PyCFunction_Type
        && (*function.cast::<ffi::PyCFunctionObject>()).m_ml == JOIN.copied(py)
}

/// What the function does, which is called by this name; None if it is another of that name.
unsafe fn effect(py: Python<'_>, name: &[u8], function: Object) -> Option<Effect> {
    if name == b"join" {
        return is_str_join(py, function).then_some(Effect::Iterate);
    }
    let function = plain(function);
    let known = |found: &&Found| found.name.to_bytes() == name && found.function == function;
    if let Some(found) = FOUND.get(py).iter().find(known) {
        return Some(found.effect);
    }
    for &(module, effect, names) in FUNCTIONS {
        let own = |wanted: &&&CStr| wanted.to_bytes() == name;
        let Some(&name) = names.iter().find(own) else {
            continue;
        };
        let found = types::imported(py, module, name).cast::<ffi::PyObject>();
        if !found.is_null() && plain(found) == function {
            // The reference is kept.
            FOUND.get(py).push(Found {
                name,
                function,
                effect,
            });
            return Some(effect);
        }
    }
    None
}

/// Records that a container, and those in it that are known, are gone through.
unsafe fn go_through(
    py: Python<'_>,
    hook: &mut Hook,
    object: Object,
    depth: u32,
    left: &mut usize,
) {
    if *left == 0 {
        return;
    }
    *left -= 1;
    if depth == DEPTH || identity::known(py, object) != 0 {
        containers::iterated(py, hook, object);
    }
    if depth == 0 {
        return;
    }
    let mut inner = |value: Object| go_through(py, hook, value, depth - 1, left);
    if ffi::PyList_CheckExact(object) != 0 {
        for index in 0..ffi::PyList_Size(object) {
            inner(ffi::PyList_GetItem(object, index));
        }
    } else if ffi::PyTuple_CheckExact(object) != 0 {
        for index in 0..ffi::PyTuple_Size(object) {
            inner(ffi::PyTuple_GetItem(object, index));
        }
    } else if ffi::PyDict_CheckExact(object) != 0 {
        let (mut at, mut value) = (0, null_mut());
        while ffi::PyDict_Next(object, &mut at, null_mut(), &mut value) != 0 {
            inner(value);
        }
    }
}

unsafe fn container(py: Python<'_>, object: Object) -> Option<containers::Family> {
    match object.is_null() {
        true => None,
        false => containers::family(py, object),
    }
}

/// `hook(function, *args, **keywords)`, of a function with one of the names above.
pub unsafe extern "C" fn call_library(
    this: Object,
    args: *const Object,
    count: usize,
    keywords: Object,
) -> Object {
    let py = Python::assume_attached();
    let count = ffi::PyVectorcall_NARGS(count);
    let hook = &mut *this.cast::<Hook>();
    let effect = match modules::text(hook.name) {
        Some(name) if recording() && count > 1 => effect(py, name.as_bytes(), *args),
        _ => None,
    };
    let Some(effect) = effect else {
        return forward(py, args, count, keywords);
    };
    let first = *args.add(1);
    if !matches!(effect, Effect::Update | Effect::Rework) && !Hook::reads(hook) {
        return forward(py, args, count, keywords);
    }
    match effect {
        Effect::Iterate | Effect::Deep => {
            gate::before(py, ITERATE, 0, hook.id);
            if effect == Effect::Deep {
                go_through(py, hook, first, DEPTH, &mut MOST.clone());
            } else {
                let only = count == 2 && keywords.is_null();
                (1..count).for_each(|i| containers::passed(py, hook, *args, *args.offset(i), only));
            }
            forward(py, args, count, keywords)
        }
        Effect::Read | Effect::Update | Effect::Rework => {
            touch(py, hook, effect, first, args, count, keywords)
        }
    }
}

/// Calls a function that reads or changes the first argument, and records it.
unsafe fn touch(
    py: Python<'_>,
    hook: &mut Hook,
    effect: Effect,
    first: Object,
    args: *const Object,
    count: isize,
    keywords: Object,
) -> Object {
    let Some(family) = container(py, first) else {
        return forward(py, args, count, keywords);
    };
    gate::before(py, UPDATE, 0, hook.id);
    let location = locations::contents(py, hook.number(py, first));
    let before = containers::size(first, family);
    if effect == Effect::Rework && alone::reads() {
        access(py, ITERATE, location, hook.id, null_mut(), 0);
    }
    let result = forward(py, args, count, keywords);
    let op = match effect {
        Effect::Read => READ,
        _ => UPDATE,
    };
    let flags = match containers::size(first, family) == before {
        true => 0,
        false => flag::STRUCTURAL,
    };
    if result.is_null() {
        record::refused(py, op, || location, hook.id, flags);
        return result;
    }
    let value = match result == ffi::Py_None() {
        true if count > 2 => *args.add(2),
        true => null_mut(),
        false => result,
    };
    access(py, op, location, hook.id, value, flags);
    result
}
