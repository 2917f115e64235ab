//! Texts of Python: the UTF-8 of a `str`, and names that a program gives its threads and the like.

use std::ops::Deref;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// The UTF-8 of an exact or derived `str`; None if it has none (lone surrogates).
///
/// # Safety
/// The GIL is held and `object` is a live `str`; the slice lives as long as it.
pub unsafe fn utf8<'a>(object: *mut ffi::PyObject) -> Option<&'a [u8]> {
    let mut size = 0;
    let data = ffi::PyUnicode_AsUTF8AndSize(object, &mut size);
    if data.is_null() {
        ffi::PyErr_Clear();
        return None;
    }
    Some(std::slice::from_raw_parts(data.cast(), size as usize))
}

/// A `str` argument. A program may have one with lone surrogates, which has no UTF-8: those are
/// escaped, as Python's `backslashreplace` does it.
pub struct Text(String);

impl Text {
    pub fn of(text: &str) -> Text {
        Text(text.to_owned())
    }
}

impl<'py> FromPyObject<'_, 'py> for Text {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Text> {
        let text = object.cast::<PyString>()?;
        if let Ok(text) = text.to_str() {
            return Ok(Text(text.to_owned()));
        }
        let escaped = text.call_method1("encode", ("utf-8", "backslashreplace"))?;
        let escaped = escaped.extract::<&[u8]>()?;
        Ok(Text(String::from_utf8_lossy(escaped).into_owned()))
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}
