//! What reads, writes and closes by descriptor, and the files of `os.fdopen` and `open`.

use super::{made_pipe, receiving, sending, Object};
use crate::control::{self, descriptor};
use crate::cpython::descriptors;
use crate::cpython::methods::{replace, Fast, FastWithKeywords, TwoArguments, WithClass};
use crate::gil::Gil;
use crate::ops;
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

macro_rules! making {
    ($name:ident, $original:ident) => {
        static $original: Gil<Option<TwoArguments>> = Gil::new(None);

        unsafe extern "C-unwind" fn $name(module: Object, argument: Object) -> Object {
            let py = Python::assume_attached();
            let Some(original) = $original.copied(py) else {
                return null_mut();
            };
            let result = original(module, argument);
            if !result.is_null() {
                let first = ffi::PyTuple_GetItem(result, 0);
                if let Some(fd) = descriptor(&raw const first, 1) {
                    made_pipe(py, fd);
                }
            }
            result
        }
    };
}

macro_rules! by_descriptor {
    ($name:ident, $original:ident, $call:expr) => {
        static $original: Gil<Option<Fast>> = Gil::new(None);

        unsafe extern "C-unwind" fn $name(
            module: Object,
            given: *const Object,
            count: isize,
        ) -> Object {
            let py = Python::assume_attached();
            let Some(original) = $original.copied(py) else {
                return null_mut();
            };
            $call(py, descriptor(given, count), || {
                original(module, given, count)
            })
        }
    };
}

macro_rules! of_file {
    ($name:ident, $original:ident, $with_class:ident, $kept:ident, $call:expr) => {
        static $original: Gil<Option<TwoArguments>> = Gil::new(None);
        static $kept: Gil<Option<WithClass>> = Gil::new(None);

        unsafe extern "C-unwind" fn $name(file: Object, argument: Object) -> Object {
            let py = Python::assume_attached();
            let Some(original) = $original.copied(py) else {
                return null_mut();
            };
            $call(py, opened(file), || original(file, argument))
        }

        unsafe extern "C-unwind" fn $with_class(
            file: Object,
            class: Object,
            given: *const Object,
            count: isize,
            names: Object,
        ) -> Object {
            let py = Python::assume_attached();
            let Some(original) = $kept.copied(py) else {
                return null_mut();
            };
            $call(py, opened(file), || {
                original(file, class, given, count, names)
            })
        }
    };
}

fn writing(py: Python<'_>, fd: Option<i32>, call: impl FnOnce() -> Object) -> Object {
    sending(py, ops::SEND, fd, call)
}

fn closing(py: Python<'_>, fd: Option<i32>, call: impl FnOnce() -> Object) -> Object {
    sending(py, ops::CLOSE, fd, call)
}

unsafe fn opened(file: Object) -> Option<i32> {
    Some(descriptors::of(file)).filter(|fd| *fd >= 0)
}

making!(pipe, PIPE);
making!(pipe2, PIPE2);
by_descriptor!(read, READ, receiving);
by_descriptor!(readv, READV, receiving);
by_descriptor!(write, WRITE, writing);
by_descriptor!(writev, WRITEV, writing);
of_file!(
    file_readall,
    FILE_READALL,
    file_readall_3_12,
    FILE_READALL_3_12,
    receiving
);
of_file!(
    file_readinto,
    FILE_READINTO,
    file_readinto_3_12,
    FILE_READINTO_3_12,
    receiving
);
of_file!(
    file_write,
    FILE_WRITE,
    file_write_3_12,
    FILE_WRITE_3_12,
    writing
);
of_file!(
    file_close,
    FILE_CLOSE,
    file_close_3_12,
    FILE_CLOSE_3_12,
    closing
);

static CLOSE: Gil<Option<FastWithKeywords>> = Gil::new(None);
static FILE_READ: Gil<Option<Fast>> = Gil::new(None);
static FILE_READ_3_12: Gil<Option<WithClass>> = Gil::new(None);

unsafe extern "C-unwind" fn close(
    module: Object,
    given: *const Object,
    count: isize,
    names: Object,
) -> Object {
    let py = Python::assume_attached();
    let Some(original) = CLOSE.copied(py) else {
        return null_mut();
    };
    closing(py, descriptor(given, count), || {
        original(module, given, count, names)
    })
}

unsafe extern "C-unwind" fn file_read(file: Object, given: *const Object, count: isize) -> Object {
    let py = Python::assume_attached();
    let Some(original) = FILE_READ.copied(py) else {
        return null_mut();
    };
    receiving(py, opened(file), || original(file, given, count))
}

unsafe extern "C-unwind" fn file_read_3_12(
    file: Object,
    class: Object,
    given: *const Object,
    count: isize,
    names: Object,
) -> Object {
    let py = Python::assume_attached();
    let Some(original) = FILE_READ_3_12.copied(py) else {
        return null_mut();
    };
    receiving(py, opened(file), || {
        original(file, class, given, count, names)
    })
}

/// Replaces what makes pipes; a second call does nothing.
pub fn notice(py: Python<'_>) {
    if (*PIPE.get(py)).is_some() {
        return;
    }
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let posix = ffi::PyImport_ImportModule(c"posix".as_ptr());
        replace::<TwoArguments>(py, posix, c"pipe", ffi::METH_NOARGS, &PIPE, pipe);
        replace::<TwoArguments>(py, posix, c"pipe2", ffi::METH_O, &PIPE2, pipe2);
        ffi::PyErr_Clear();
    }
}

/// Replaces what uses them, around what control replaces; a second call does nothing.
pub fn install(py: Python<'_>) {
    if (*READ.get(py)).is_some() {
        return;
    }
    control::install_descriptors(py);
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let posix = ffi::PyImport_ImportModule(c"posix".as_ptr());
        let put = |name, original, with: Fast| {
            replace(py, posix, name, ffi::METH_FASTCALL, original, with);
        };
        put(c"read", &READ, read);
        put(c"readv", &READV, readv);
        put(c"write", &WRITE, write);
        put(c"writev", &WRITEV, writev);
        let keywords = ffi::METH_FASTCALL | ffi::METH_KEYWORDS;
        replace::<FastWithKeywords>(py, posix, c"close", keywords, &CLOSE, close);
        let module = ffi::PyImport_ImportModule(c"_io".as_ptr());
        let class = ffi::PyObject_GetAttrString(module, c"FileIO".as_ptr());
        let put = |name, form, original, with: TwoArguments| {
            replace(py, class, name, form, original, with);
        };
        put(c"readall", ffi::METH_NOARGS, &FILE_READALL, file_readall);
        put(c"readinto", ffi::METH_O, &FILE_READINTO, file_readinto);
        put(c"write", ffi::METH_O, &FILE_WRITE, file_write);
        put(c"close", ffi::METH_NOARGS, &FILE_CLOSE, file_close);
        replace::<Fast>(
            py,
            class,
            c"read",
            ffi::METH_FASTCALL,
            &FILE_READ,
            file_read,
        );
        let with_class = ffi::METH_METHOD | keywords;
        let put = |name, original, with: WithClass| {
            replace(py, class, name, with_class, original, with);
        };
        put(c"readall", &FILE_READALL_3_12, file_readall_3_12);
        put(c"readinto", &FILE_READINTO_3_12, file_readinto_3_12);
        put(c"write", &FILE_WRITE_3_12, file_write_3_12);
        put(c"close", &FILE_CLOSE_3_12, file_close_3_12);
        put(c"read", &FILE_READ_3_12, file_read_3_12);
        // A function that this Python does not have, or has in another form, stays as it is.
        ffi::PyErr_Clear();
    }
}
