//! Values are kept when they are small and inert; no method of the program's is ever called.

use super::{identity, strings};
use crate::model::Value;
use crate::spool::format::Tag;
use crate::text::utf8;
use pyo3::ffi;
use pyo3::Python;

pub const ABSENT: u8 = Tag::Absent.code();
pub const NONE: u8 = Tag::None.code();
pub const FALSE: u8 = Tag::False.code();
pub const TRUE: u8 = Tag::True.code();
pub const INT: u8 = Tag::Int.code();
pub const FLOAT: u8 = Tag::Float.code();
pub const REF: u8 = Tag::Ref.code();
pub const LINK: u8 = Tag::Link.code();

/// Longer strings (in bytes) are kept as a reference only.
pub const SHORT: usize = 64;
/// The limit for what a program prints: 200 characters of up to 4 bytes.
pub const TEXT: usize = 800;

/// The limit for what comes from outside, or tells how something stood.
pub const WHOLE: usize = 1 << 20;

/// Tag and bits of a value.
///
/// # Safety
/// `object` is live.
#[inline]
pub unsafe fn encode(py: Python<'_>, object: *mut ffi::PyObject, limit: usize) -> (u8, u64) {
    encode_with(py, object, limit, |object| identity::known(py, object))
}

/// The same, where `number` gives that of a value that is not kept.
///
/// # Safety
/// As of `encode`.
#[inline]
pub unsafe fn encode_with(
    py: Python<'_>,
    object: *mut ffi::PyObject,
    limit: usize,
    number: impl FnOnce(*mut ffi::PyObject) -> u32,
) -> (u8, u64) {
    let kind = ffi::Py_TYPE(object);
    if kind == &raw mut ffi::PyLong_Type {
        let mut overflow = 0;
        let value = ffi::PyLong_AsLongLongAndOverflow(object, &mut overflow);
        if overflow == 0 {
            return (INT, value as u64);
        }
    } else if kind == &raw mut ffi::PyFloat_Type {
        return (FLOAT, ffi::PyFloat_AS_DOUBLE(object).to_bits());
    } else if object == ffi::Py_None() {
        return (NONE, 0);
    } else if kind == &raw mut ffi::PyBool_Type {
        return (
            if object == ffi::Py_True() {
                TRUE
            } else {
                FALSE
            },
            0,
        );
    } else if kind == &raw mut ffi::PyUnicode_Type {
        // Refuse long strings before asking for UTF-8, which CPython would keep beside them.
        if ffi::PyUnicode_GetLength(object) as usize <= limit {
            if let Some(text) = utf8(object).filter(|text| text.len() <= limit) {
                return inline_or_interned(py, text, Tag::InlineStr, Tag::Str);
            }
        }
    } else if kind == &raw mut ffi::PyBytes_Type {
        let size = ffi::PyBytes_Size(object) as usize;
        if size <= limit {
            let data = ffi::PyBytes_AsString(object).cast::<u8>();
            return inline_or_interned(
                py,
                std::slice::from_raw_parts(data, size),
                Tag::InlineBytes,
                Tag::Bytes,
            );
        }
    }
    let name = u64::from(strings::type_name(py, object));
    let number = number(object);
    identity::mention(py, number);
    (REF, name << 32 | u64::from(number))
}

/// Whether the value itself was kept, and not only its type.
pub fn is_kept(tag: u8) -> bool {
    tag != REF
}

fn inline_or_interned(
    py: Python<'_>,
    bytes: &[u8],
    inline: fn(u8) -> Tag,
    interned: Tag,
) -> (u8, u64) {
    if bytes.len() <= Tag::INLINE {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        (inline(bytes.len() as u8).code(), u64::from_le_bytes(word))
    } else {
        (
            interned.code(),
            u64::from(strings::intern_passing(py, bytes)),
        )
    }
}

pub fn is_str(tag: u8) -> bool {
    matches!(Tag::of(tag), Some(Tag::Str | Tag::InlineStr(_)))
}

pub fn is_bytes(tag: u8) -> bool {
    matches!(Tag::of(tag), Some(Tag::Bytes | Tag::InlineBytes(_)))
}

/// The bytes of a str or bytes value; `word` are those of its bits.
pub fn text_of<'a>(py: Python<'_>, tag: u8, bits: u64, word: &'a [u8; 8]) -> &'a [u8] {
    inline(tag, word).unwrap_or_else(|| strings::get(py, bits as u32))
}

/// The bytes of a str or bytes value that holds them itself; None: its bits are a string's id.
pub fn inline(tag: u8, word: &[u8; 8]) -> Option<&[u8]> {
    match Tag::of(tag) {
        Some(Tag::InlineStr(size) | Tag::InlineBytes(size)) => Some(&word[..usize::from(size)]),
        _ => None,
    }
}

/// A short native string as a value: the name of an op, of an exception type.
pub fn text(py: Python<'_>, bytes: &[u8]) -> (u8, u64) {
    inline_or_interned(py, bytes, Tag::InlineStr, Tag::Str)
}

/// A link to the event with this number; absent if that is 0.
pub fn link(seq: u64) -> (u8, u64) {
    match seq {
        0 => (ABSENT, 0),
        seq => (LINK, seq),
    }
}

/// The object that a value of a trace stands for, a new reference; None if it was not kept.
///
/// `text` has the bytes of a str or of bytes.
pub fn made_of(_: Python<'_>, value: Value, text: &[u8]) -> Option<*mut ffi::PyObject> {
    let size = text.len() as ffi::Py_ssize_t;
    // SAFETY: the GIL is held, and the objects are live.
    let made = unsafe {
        match value {
            Value::None => {
                ffi::Py_INCREF(ffi::Py_None());
                ffi::Py_None()
            }
            Value::Bool(value) => ffi::PyBool_FromLong(value.into()),
            Value::Int(value) => ffi::PyLong_FromLongLong(value),
            Value::Float(value) => ffi::PyFloat_FromDouble(value),
            Value::Bytes(_) => ffi::PyBytes_FromStringAndSize(text.as_ptr().cast(), size),
            // Only a large int is kept as text.
            Value::Str(_) => {
                let digits = ffi::PyUnicode_FromStringAndSize(text.as_ptr().cast(), size);
                let number = PyLong_FromUnicodeObject(digits, 16);
                ffi::Py_DECREF(digits);
                number
            }
            _ => return None,
        }
    };
    Some(made)
}

extern "C" {
    fn PyLong_FromUnicodeObject(digits: *mut ffi::PyObject, base: i32) -> *mut ffi::PyObject;
}
