//! What rides in a message between processes, behind its pickle, which `pickle.loads` ignores, so
//! that a receiver that is not recorded is not disturbed: a key (of an object, or of a proxy's caller;
//! may be empty), then the sequence number of the event that sent the message, the length of the key,
//! and a magic number.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::mem::MaybeUninit;

const MAGIC: [u8; 8] = *b"\x93rtrace\x01";
/// After the key.
const END: usize = 8 + 1 + MAGIC.len();
const LONGEST_KEY: usize = 255;
pub const LONGEST: usize = LONGEST_KEY + END;

/// Copies the message, a pickle, with a trailer behind it. A key that is too long is left out.
pub fn stamped<'py>(
    message: &Bound<'py, PyAny>,
    seq: u64,
    key: &[u8],
) -> PyResult<Bound<'py, PyBytes>> {
    let py = message.py();
    let key = if key.len() <= LONGEST_KEY { key } else { &[] };
    let mut view = MaybeUninit::<ffi::Py_buffer>::uninit();
    // SAFETY: the view is there until it is released, and so is the memory.
    unsafe {
        // A pickle is one piece of memory, which the view keeps as it is.
        if ffi::PyObject_GetBuffer(message.as_ptr(), view.as_mut_ptr(), ffi::PyBUF_SIMPLE) != 0 {
            return Err(PyErr::fetch(py));
        }
        let mut view = view.assume_init();
        let message = std::slice::from_raw_parts(view.buf.cast::<u8>(), view.len as usize);
        let made = PyBytes::new_with(py, message.len() + key.len() + END, |out| {
            let parts: [&[u8]; 5] = [message, key, &seq.to_le_bytes(), &[key.len() as u8], &MAGIC];
            let mut rest = out;
            for part in parts {
                let (place, tail) = rest.split_at_mut(part.len());
                place.copy_from_slice(part);
                rest = tail;
            }
            Ok(())
        });
        ffi::PyBuffer_Release(&mut view);
        made
    }
}

/// The trailer of a message: the sequence number, the key, and how long the message is without.
pub fn envelope(message: &[u8]) -> Option<(u64, &[u8], usize)> {
    let rest = message.strip_suffix(&MAGIC)?;
    let (rest, size) = rest.split_at_checked(rest.len().checked_sub(1)?)?;
    let (rest, seq) = rest.split_last_chunk::<8>()?;
    let length = rest.len().checked_sub(usize::from(size[0]))?;
    // Nothing that has no pickle before it is a trailer.
    (length > 0).then(|| (u64::from_le_bytes(*seq), &rest[length..], length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_trailer() {
        let end = |size: u8| [&b"pickle"[..], &[0; 8], &[size], &MAGIC].concat();
        assert_eq!(envelope(&end(0)), Some((0, &b""[..], 6)));
        assert_eq!(envelope(&end(5)), Some((0, &b"ickle"[..], 1)));
        assert_eq!(envelope(&end(6)), None);
        assert_eq!(envelope(&end(200)), None);
        assert_eq!(envelope(&MAGIC), None);
        assert_eq!(envelope(b""), None);
        assert_eq!(envelope(b"pickle"), None);
    }
}
