//! What is read through Python's files from file descriptor 0 (`input()`, `sys.stdin`) and from
//! `/dev/urandom`. (At a terminal with line editing `input()` reads by itself, and is not recorded.)

use super::{replace, Object, Source, TwoArguments};
use crate::control;
use crate::cpython::descriptors;
use crate::cpython::methods::{self, Fast, WithClass};
use crate::gil::Gil;
use crate::record;
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};

pub static SOURCES: [Source; 2] = [Source::new("stdin"), Source::new("/dev/urandom")];

/// `read`, `readall` and `readinto` have one form or the other, by the version.
static READ: Gil<Option<Fast>> = Gil::new(None);
static READ_WITH_CLASS: Gil<Option<WithClass>> = Gil::new(None);
static READALL_WITH_CLASS: Gil<Option<WithClass>> = Gil::new(None);
static READINTO: Gil<Option<TwoArguments>> = Gil::new(None);
static READINTO_WITH_CLASS: Gil<Option<WithClass>> = Gil::new(None);

/// Whether the process has a stdin; else file descriptor 0 is the first file that it opens.
static OPEN: AtomicBool = AtomicBool::new(true);

/// What the file is, of those that are recorded.
unsafe fn source(file: Object) -> Option<&'static Source> {
    match descriptors::of(file) {
        _ if !record::recording() => None,
        0 if OPEN.load(Ordering::Relaxed) => Some(&SOURCES[0]),
        fd => is_random(fd).then_some(&SOURCES[1]),
    }
}

/// Whether it is a descriptor of `/dev/random` or `/dev/urandom`.
pub fn is_random(fd: i32) -> bool {
    // SAFETY: zeros are a value of it, and it lives as long as the call takes.
    unsafe {
        let mut stat: libc::stat = std::mem::zeroed();
        libc::fstat(fd, &mut stat) == 0
            && stat.st_mode & libc::S_IFMT == libc::S_IFCHR
            && libc::major(stat.st_rdev) == 1
            && matches!(libc::minor(stat.st_rdev), 8 | 9)
    }
}

/// Under control, lets others go on until a pipe has something. False, with an exception, if the
/// handler of a signal raised.
unsafe fn await_data(py: Python<'_>, file: Object) -> bool {
    !control::controlled() || control::await_data(py, descriptors::of(file))
}

/// A reading that gives bytes, or None where there is nothing yet.
unsafe fn read_by(py: Python<'_>, file: Object, read: impl FnOnce() -> Object) -> Object {
    let Some(source) = source(file) else {
        return match await_data(py, file) {
            true => read(),
            false => null_mut(),
        };
    };
    source.answer(py, read)
}

unsafe fn read_into(
    py: Python<'_>,
    file: Object,
    target: Object,
    read: impl FnOnce() -> Object,
) -> Object {
    let Some(source) = source(file) else {
        return match await_data(py, file) {
            true => read(),
            false => null_mut(),
        };
    };
    let data = source.answer(py, || {
        let count = read();
        if count.is_null() || count == ffi::Py_None() {
            return count;
        }
        let size = ffi::PyLong_AsSsize_t(count);
        ffi::Py_DECREF(count);
        let mut buffer = std::mem::zeroed::<ffi::Py_buffer>();
        if ffi::PyObject_GetBuffer(target, &mut buffer, ffi::PyBUF_SIMPLE) != 0 {
            return null_mut();
        }
        let data = ffi::PyBytes_FromStringAndSize(buffer.buf.cast(), size.min(buffer.len));
        ffi::PyBuffer_Release(&mut buffer);
        data
    });
    if data.is_null() || ffi::PyBytes_Check(data) == 0 {
        return data;
    }
    let mut buffer = std::mem::zeroed::<ffi::Py_buffer>();
    let mut result = null_mut();
    if ffi::PyObject_GetBuffer(target, &mut buffer, ffi::PyBUF_WRITABLE) == 0 {
        // The buffer has what was just read; of an answer from a trace it gets it now.
        let size = ffi::PyBytes_Size(data).min(buffer.len);
        std::ptr::copy(
            ffi::PyBytes_AsString(data).cast::<u8>(),
            buffer.buf.cast::<u8>(),
            size as usize,
        );
        ffi::PyBuffer_Release(&mut buffer);
        result = ffi::PyLong_FromSsize_t(size);
    }
    ffi::Py_DECREF(data);
    result
}

unsafe extern "C-unwind" fn readall(file: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    read_by(py, file, || SOURCES[0].ask(py, file, unused))
}

unsafe extern "C-unwind" fn readall_with_class(
    file: Object,
    class: Object,
    arguments: *const Object,
    given: ffi::Py_ssize_t,
    names: Object,
) -> Object {
    let py = Python::assume_attached();
    let Some(original) = READALL_WITH_CLASS.copied(py) else {
        return null_mut();
    };
    read_by(py, file, || original(file, class, arguments, given, names))
}

unsafe extern "C-unwind" fn read(
    file: Object,
    arguments: *const Object,
    given: ffi::Py_ssize_t,
) -> Object {
    let py = Python::assume_attached();
    let Some(original) = READ.copied(py) else {
        return null_mut();
    };
    read_by(py, file, || original(file, arguments, given))
}

unsafe extern "C-unwind" fn read_with_class(
    file: Object,
    class: Object,
    arguments: *const Object,
    given: ffi::Py_ssize_t,
    names: Object,
) -> Object {
    let py = Python::assume_attached();
    let Some(original) = READ_WITH_CLASS.copied(py) else {
        return null_mut();
    };
    read_by(py, file, || original(file, class, arguments, given, names))
}

unsafe extern "C-unwind" fn readinto(file: Object, target: Object) -> Object {
    let py = Python::assume_attached();
    let Some(original) = READINTO.copied(py) else {
        return null_mut();
    };
    read_into(py, file, target, || original(file, target))
}

unsafe extern "C-unwind" fn readinto_with_class(
    file: Object,
    class: Object,
    arguments: *const Object,
    given: ffi::Py_ssize_t,
    names: Object,
) -> Object {
    let py = Python::assume_attached();
    let Some(original) = READINTO_WITH_CLASS.copied(py) else {
        return null_mut();
    };
    if given != 1 {
        return original(file, class, arguments, given, names);
    }
    read_into(py, file, *arguments, || {
        original(file, class, arguments, given, names)
    })
}

pub fn install(py: Python<'_>) {
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        OPEN.store(libc::fcntl(0, libc::F_GETFD) >= 0, Ordering::Relaxed);
        let module = ffi::PyImport_ImportModule(c"_io".as_ptr());
        if module.is_null() {
            return;
        }
        let class = ffi::PyObject_GetAttrString(module, c"FileIO".as_ptr());
        replace(py, class, c"readall", &SOURCES[0], readall);
        let with_class = ffi::METH_METHOD | ffi::METH_FASTCALL | ffi::METH_KEYWORDS;
        methods::replace(py, class, c"read", ffi::METH_FASTCALL, &READ, read as Fast);
        methods::replace(
            py,
            class,
            c"readinto",
            ffi::METH_O,
            &READINTO,
            readinto as TwoArguments,
        );
        methods::replace(
            py,
            class,
            c"read",
            with_class,
            &READ_WITH_CLASS,
            read_with_class as WithClass,
        );
        methods::replace(
            py,
            class,
            c"readinto",
            with_class,
            &READINTO_WITH_CLASS,
            readinto_with_class as WithClass,
        );
        methods::replace(
            py,
            class,
            c"readall",
            with_class,
            &READALL_WITH_CLASS,
            readall_with_class as WithClass,
        );
    }
}
