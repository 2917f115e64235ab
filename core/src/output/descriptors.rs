//! What is written to file descriptors 1 and 2 past the streams: by `os.write`, and by files that
//! the program has opened on them.

use super::{bytes, is_new, GONE};
use crate::control::descriptor;
use crate::cpython::descriptors;
use crate::cpython::methods::{replace, Fast, TwoArguments, WithClass};
use crate::gil::Gil;
use pyo3::ffi;
use pyo3::prelude::*;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};

type Object = *mut ffi::PyObject;

static WRITE: Gil<Option<Fast>> = Gil::new(None);
static WRITEV: Gil<Option<Fast>> = Gil::new(None);
static FILE_WRITE: Gil<Option<TwoArguments>> = Gil::new(None);
static FILE_WRITE_WITH_CLASS: Gil<Option<WithClass>> = Gil::new(None);

/// Whether the process has these streams; else the descriptors are those of files that it opens.
static OPEN: [AtomicBool; 2] = [const { AtomicBool::new(false) }; 2];

/// Whether the descriptor is that of stderr; None if it is no standard stream's.
fn stream(fd: i32) -> Option<bool> {
    let place = usize::try_from(fd.checked_sub(1)?).ok()?;
    let open = OPEN.get(place)?.load(Ordering::Relaxed);
    open.then_some(place == 1)
}

/// A call that writes what `written` gives to the descriptor.
fn writing(
    py: Python<'_>,
    fd: Option<i32>,
    written: impl FnOnce(Python<'_>) -> Option<Vec<u8>>,
    write: impl FnOnce() -> Object,
) -> Object {
    GONE.set(true);
    let Some(error) = fd.and_then(stream).filter(|_| is_new()) else {
        return write();
    };
    let Some(written) = written(py) else {
        return write();
    };
    match bytes::writing(py, &written, error, write) {
        Ok(result) => result,
        Err(raised) => {
            raised.restore(py);
            null_mut()
        }
    }
}

unsafe fn argument(
    py: Python<'_>,
    given: *const Object,
    count: isize,
    place: isize,
) -> Option<Bound<'_, PyAny>> {
    (place < count).then(|| Bound::from_borrowed_ptr(py, *given.offset(place)))
}

unsafe extern "C-unwind" fn write(module: Object, given: *const Object, count: isize) -> Object {
    let py = Python::assume_attached();
    let Some(original) = WRITE.copied(py) else {
        return null_mut();
    };
    let written = |py: Python<'_>| bytes::of(&argument(py, given, count, 1)?);
    writing(py, descriptor(given, count), written, || {
        original(module, given, count)
    })
}

unsafe extern "C-unwind" fn writev(module: Object, given: *const Object, count: isize) -> Object {
    let py = Python::assume_attached();
    let Some(original) = WRITEV.copied(py) else {
        return null_mut();
    };
    let written = |py: Python<'_>| {
        let parts = argument(py, given, count, 1)?.try_iter().ok()?;
        let parts: Option<Vec<_>> = parts.map(|part| bytes::of(&part.ok()?)).collect();
        Some(parts?.concat())
    };
    writing(py, descriptor(given, count), written, || {
        original(module, given, count)
    })
}

unsafe extern "C-unwind" fn file_write(file: Object, data: Object) -> Object {
    let py = Python::assume_attached();
    let Some(original) = FILE_WRITE.copied(py) else {
        return null_mut();
    };
    let written = |py: Python<'_>| bytes::of(&Bound::from_borrowed_ptr(py, data));
    writing(py, Some(descriptors::of(file)), written, || {
        original(file, data)
    })
}

unsafe extern "C-unwind" fn file_write_3_12(
    file: Object,
    class: Object,
    given: *const Object,
    count: isize,
    names: Object,
) -> Object {
    let py = Python::assume_attached();
    let Some(original) = FILE_WRITE_WITH_CLASS.copied(py) else {
        return null_mut();
    };
    let written = |py: Python<'_>| bytes::of(&argument(py, given, count, 0)?);
    writing(py, Some(descriptors::of(file)), written, || {
        original(file, class, given, count, names)
    })
}

/// Replaces them; a second call does nothing.
pub fn install(py: Python<'_>) {
    if WRITE.copied(py).is_some() {
        return;
    }
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        for (fd, open) in (1..).zip(&OPEN) {
            open.store(libc::fcntl(fd, libc::F_GETFD) >= 0, Ordering::Relaxed);
        }
        let posix = ffi::PyImport_ImportModule(c"posix".as_ptr());
        replace::<Fast>(py, posix, c"write", ffi::METH_FASTCALL, &WRITE, write);
        replace::<Fast>(py, posix, c"writev", ffi::METH_FASTCALL, &WRITEV, writev);
        let module = ffi::PyImport_ImportModule(c"_io".as_ptr());
        let class = ffi::PyObject_GetAttrString(module, c"FileIO".as_ptr());
        let with_class = ffi::METH_METHOD | ffi::METH_FASTCALL | ffi::METH_KEYWORDS;
        replace::<TwoArguments>(py, class, c"write", ffi::METH_O, &FILE_WRITE, file_write);
        replace::<WithClass>(
            py,
            class,
            c"write",
            with_class,
            &FILE_WRITE_WITH_CLASS,
            file_write_3_12,
        );
        // A function that this Python does not have, or has in another form, stays as it is.
        ffi::PyErr_Clear();
    }
}
