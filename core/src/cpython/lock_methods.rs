//! The forms that the methods of locks have.
//!
//! Versions: up to 3.14 `acquire`, `__enter__` and `__exit__` take their arguments in a tuple, which is
//! made and thrown away for every `with lock:`. There the two of `with` are replaced by methods of the
//! same names and texts that take them as they are, which saves as much time as it takes to record both.
//! Since 3.15 CPython's own take them so.
//! Check: a method is replaced only if its definition has one of these forms (`ml_flags`).
//! Elsewhere: what has neither form stays as it is, and is not recorded.
//! Safe: each method is put in with the form that its definition says, and CPython's own is called in the
//! form that it had.

use super::methods::{exchange, find, reform};
use super::methods::{Fast, FastWithKeywords, TwoArguments, WithKeywords};
use crate::gil::Gil;
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

/// What stands in the place of a type's methods, in one form for all versions.
pub trait Methods {
    /// # Safety
    /// `lock` is of the type. The arguments are those of CPython's function.
    unsafe fn acquire(py: Python<'_>, lock: Object, args: Object, kwargs: Object) -> Object;

    /// # Safety
    /// The same.
    unsafe fn exit(py: Python<'_>, lock: Object) -> Object;

    fn originals() -> &'static Originals;
}

/// CPython's own functions, as `acquire` and `exit` are to call them.
pub struct Originals {
    pub acquire: Gil<WithKeywords>,
    pub exit: Gil<TwoArguments>,
    fast_acquire: Gil<FastWithKeywords>,
    fast_exit: Gil<Fast>,
}

impl Originals {
    pub const fn unset() -> Self {
        Self {
            acquire: Gil::new(unset3),
            exit: Gil::new(unset2),
            fast_acquire: Gil::new(unset4),
            fast_exit: Gil::new(unset_fast),
        }
    }
}

unsafe extern "C-unwind" fn unset2(_: Object, _: Object) -> Object {
    null_mut()
}

unsafe extern "C-unwind" fn unset3(_: Object, _: Object, _: Object) -> Object {
    null_mut()
}

unsafe extern "C-unwind" fn unset4(_: Object, _: *const Object, _: isize, _: Object) -> Object {
    null_mut()
}

unsafe extern "C-unwind" fn unset_fast(_: Object, _: *const Object, _: isize) -> Object {
    null_mut()
}

/// The empty tuple.
static NOTHING: Gil<Object> = Gil::new(null_mut());

const PACKED: i32 = ffi::METH_VARARGS | ffi::METH_KEYWORDS;
const FAST: i32 = ffi::METH_FASTCALL | ffi::METH_KEYWORDS;

/// Replaces the methods of a type of locks.
///
/// # Safety
/// What it is given is live.
pub unsafe fn install<M: Methods>(py: Python<'_>, kind: Object) {
    if NOTHING.copied(py).is_null() {
        NOTHING.set(py, ffi::PyTuple_New(0));
    }
    let originals = M::originals();
    for name in [c"acquire", c"acquire_lock", c"__enter__"] {
        let Some(method) = find(kind, name) else {
            continue;
        };
        match (*method).ml_flags & !ffi::METH_COEXIST {
            PACKED => originals
                .acquire
                .set(py, exchange(method, acquire::<M> as WithKeywords)),
            FAST => {
                originals
                    .fast_acquire
                    .set(py, exchange(method, enter::<M> as FastWithKeywords));
                originals.acquire.set(py, original_acquire::<M>);
            }
            ffi::METH_NOARGS => {
                exchange(method, enter_only::<M> as TwoArguments);
            }
            _ => (),
        }
    }
    if let Some(method) = find(kind, c"__exit__") {
        match (*method).ml_flags {
            ffi::METH_VARARGS => originals
                .exit
                .set(py, exchange(method, exit::<M> as TwoArguments)),
            ffi::METH_FASTCALL => {
                originals
                    .fast_exit
                    .set(py, exchange(method, fast_exit::<M> as Fast));
                originals.exit.set(py, original_exit::<M>);
            }
            _ => (),
        }
    }
    reform(
        kind,
        c"__enter__",
        PACKED,
        enter::<M> as FastWithKeywords,
        FAST,
    );
    let (expected, form) = (ffi::METH_VARARGS, ffi::METH_FASTCALL);
    reform(kind, c"__exit__", expected, any_exit::<M> as Fast, form);
}

unsafe extern "C-unwind" fn acquire<M: Methods>(
    lock: Object,
    args: Object,
    kwargs: Object,
) -> Object {
    let py = Python::assume_attached();
    M::acquire(py, lock, args, kwargs)
}

unsafe extern "C-unwind" fn enter_only<M: Methods>(lock: Object, _: Object) -> Object {
    let py = Python::assume_attached();
    M::acquire(py, lock, NOTHING.copied(py), null_mut())
}

unsafe extern "C-unwind" fn enter<M: Methods>(
    lock: Object,
    args: *const Object,
    count: isize,
    names: Object,
) -> Object {
    let py = Python::assume_attached();
    if count == 0 && names.is_null() {
        return M::acquire(py, lock, NOTHING.copied(py), null_mut());
    }
    packed::<M>(py, lock, args, count, names)
}

unsafe extern "C-unwind" fn exit<M: Methods>(lock: Object, _: Object) -> Object {
    let py = Python::assume_attached();
    M::exit(py, lock)
}

unsafe extern "C-unwind" fn any_exit<M: Methods>(
    lock: Object,
    _: *const Object,
    _: isize,
) -> Object {
    let py = Python::assume_attached();
    M::exit(py, lock)
}

/// How many arguments an `__exit__` that counts them takes.
const EXIT_ARGUMENTS: isize = 3;

unsafe extern "C-unwind" fn fast_exit<M: Methods>(
    lock: Object,
    args: *const Object,
    count: isize,
) -> Object {
    let py = Python::assume_attached();
    match count {
        EXIT_ARGUMENTS => M::exit(py, lock),
        _ => (M::originals().fast_exit.copied(py))(lock, args, count), // its error
    }
}

unsafe extern "C-unwind" fn original_exit<M: Methods>(lock: Object, _: Object) -> Object {
    let py = Python::assume_attached();
    let nothing = [ffi::Py_None(); EXIT_ARGUMENTS as usize];
    (M::originals().fast_exit.copied(py))(lock, nothing.as_ptr(), EXIT_ARGUMENTS)
}

/// CPython's fast function, given a tuple and a dict.
unsafe extern "C-unwind" fn original_acquire<M: Methods>(
    lock: Object,
    args: Object,
    kwargs: Object,
) -> Object {
    let py = Python::assume_attached();
    let fast = M::originals().fast_acquire.copied(py);
    let count = ffi::PyTuple_GET_SIZE(args);
    if kwargs.is_null() && count == 0 {
        return fast(lock, null_mut(), 0, null_mut());
    }
    let mut given: Vec<Object> = (0..count)
        .map(|place| ffi::PyTuple_GET_ITEM(args, place))
        .collect();
    let mut names = null_mut();
    if !kwargs.is_null() {
        let (mut place, mut name, mut value) = (0, null_mut(), null_mut());
        let mut named = Vec::new();
        while ffi::PyDict_Next(kwargs, &mut place, &mut name, &mut value) != 0 {
            named.push(name);
            given.push(value);
        }
        names = ffi::PyTuple_New(named.len() as isize);
        if names.is_null() {
            return names;
        }
        for (place, &name) in named.iter().enumerate() {
            ffi::PyTuple_SetItem(names, place as isize, ffi::Py_NewRef(name));
        }
    }
    let result = fast(lock, given.as_ptr(), count, names);
    ffi::Py_XDECREF(names);
    result
}

/// `acquire` with a tuple and a dict of what is in a row.
#[cold]
unsafe fn packed<M: Methods>(
    py: Python<'_>,
    lock: Object,
    args: *const Object,
    count: isize,
    names: Object,
) -> Object {
    let positional = ffi::PyTuple_New(count);
    let named = ffi::PyDict_New();
    let mut result = null_mut();
    if !positional.is_null() && !named.is_null() {
        for place in 0..count {
            ffi::PyTuple_SetItem(positional, place, ffi::Py_NewRef(*args.offset(place)));
        }
        let names_count = if names.is_null() {
            0
        } else {
            ffi::PyTuple_Size(names)
        };
        for place in 0..names_count {
            let name = ffi::PyTuple_GetItem(names, place);
            ffi::PyDict_SetItem(named, name, *args.offset(count + place));
        }
        result = M::acquire(py, lock, positional, named);
    }
    ffi::Py_XDECREF(positional);
    ffi::Py_XDECREF(named);
    result
}
