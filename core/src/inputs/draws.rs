//! Random numbers: what each `random.Random` draws, and what the system and OpenSSL give. The draws are
//! recorded rather than the seed, since threads that share a generator race for what it gives.

use super::{recorded, replace, stdin, Object, Source};
use crate::control::descriptor;
use crate::cpython::methods::{self, Fast, FastWithKeywords};
use crate::gil::Gil;
use crate::record;
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

pub static SOURCES: [Source; 6] = [
    Source::new("random.random"),
    Source::new("random.getrandbits"),
    Source::new("os.urandom"),
    Source::new("os.getrandom"),
    Source::new("ssl.RAND_bytes"),
    Source::new("uuid.uuid1"),
];
const RANDOM: usize = 0;
const GETRANDBITS: usize = 1;
const URANDOM: usize = 2;
const GETRANDOM: usize = 3;
const RAND_BYTES: usize = 4;
const UUID1: usize = 5;

unsafe extern "C-unwind" fn draw<const SOURCE: usize>(owner: Object, argument: Object) -> Object {
    let py = Python::assume_attached();
    let source = &SOURCES[SOURCE];
    if !recorded(py) {
        return source.ask(py, owner, argument);
    }
    source.answer(py, || source.ask(py, owner, argument))
}

static ORIGINAL_GETRANDOM: Gil<Option<FastWithKeywords>> = Gil::new(None);

unsafe extern "C-unwind" fn getrandom(
    module: Object,
    arguments: *const Object,
    given: ffi::Py_ssize_t,
    names: Object,
) -> Object {
    let py = Python::assume_attached();
    let Some(original) = ORIGINAL_GETRANDOM.copied(py) else {
        return null_mut();
    };
    if !recorded(py) {
        return original(module, arguments, given, names);
    }
    SOURCES[GETRANDOM].answer(py, || original(module, arguments, given, names))
}

static READ: Gil<Option<Fast>> = Gil::new(None);

/// `os.read`, of the system's files of random numbers.
unsafe extern "C-unwind" fn read(module: Object, given: *const Object, count: isize) -> Object {
    let py = Python::assume_attached();
    let Some(original) = READ.copied(py) else {
        return null_mut();
    };
    match descriptor(given, count) {
        Some(fd) if record::recording() && stdin::is_random(fd) => {
            stdin::SOURCES[1].answer(py, || original(module, given, count))
        }
        _ => original(module, given, count),
    }
}

/// What libuuid makes of the time, as bytes, and whether that was safe, which is a matter of the machine's.
unsafe extern "C-unwind" fn uuid1(module: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    let source = &SOURCES[UUID1];
    let own = source.ask(py, module, unused);
    if own.is_null() || ffi::PyTuple_Size(own) != 2 || !recorded(py) {
        return own;
    }
    let bytes = source.answer(py, || ffi::Py_NewRef(ffi::PyTuple_GetItem(own, 0)));
    let result = match bytes.is_null() {
        true => null_mut(),
        false => ffi::PyTuple_Pack(2, bytes, ffi::PyTuple_GetItem(own, 1)),
    };
    ffi::Py_XDECREF(bytes);
    ffi::Py_DECREF(own);
    result
}

/// The functions of a module that is not always there, when it has been imported.
pub unsafe fn install_in(py: Python<'_>, module: Object) {
    replace(
        py,
        module,
        c"RAND_bytes",
        &SOURCES[RAND_BYTES],
        draw::<RAND_BYTES>,
    );
    replace(py, module, c"generate_time_safe", &SOURCES[UUID1], uuid1);
}

pub fn install(py: Python<'_>) {
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let module = ffi::PyImport_ImportModule(c"_random".as_ptr());
        if !module.is_null() {
            let generator = ffi::PyObject_GetAttrString(module, c"Random".as_ptr());
            replace(py, generator, c"random", &SOURCES[RANDOM], draw::<RANDOM>);
            replace(
                py,
                generator,
                c"getrandbits",
                &SOURCES[GETRANDBITS],
                draw::<GETRANDBITS>,
            );
        }
        ffi::PyErr_Clear();
        let module = ffi::PyImport_ImportModule(c"posix".as_ptr());
        replace(py, module, c"urandom", &SOURCES[URANDOM], draw::<URANDOM>);
        methods::replace(py, module, c"read", ffi::METH_FASTCALL, &READ, read as Fast);
        let keywords = ffi::METH_FASTCALL | ffi::METH_KEYWORDS;
        let with = getrandom as FastWithKeywords;
        methods::replace(
            py,
            module,
            c"getrandom",
            keywords,
            &ORIGINAL_GETRANDOM,
            with,
        );
    }
}
