//! The hooks in `multiprocessing.connection`.

use super::envelopes::{self, Envelope};
use super::{exchanges, given, handle, none, readable, request, trailers, MessageHook, Result};
use crate::cpython::bytesio;
use crate::ops::{self, outcome};
use crate::os::is_ready;
use crate::record::{self, identity, values};
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PySlice;

/// What an operating system's pipe takes, in bytes.
const ROOM: usize = 65536;

/// The message with its trailer, for which a full pipe gets room: a program that puts as much into a
/// pipe as fits must not wait because of us.
pub fn stamped<'py>(
    conn: &Bound<'py, PyAny>,
    message: &Bound<'py, PyAny>,
    envelope: &Envelope,
) -> Result<'py> {
    let stamped = envelope.behind(message)?;
    if let Some(handle) = handle(conn)?.filter(|&handle| !is_ready(handle, true)) {
        let room = ROOM * stamped.len()? / message.len()?;
        // SAFETY: the call gets numbers alone.
        unsafe {
            // A socket has room for so many messages, whatever their length.
            let has = libc::fcntl(handle, libc::F_GETPIPE_SZ);
            if has >= 0 && (has as usize) < room {
                libc::fcntl(handle, libc::F_SETPIPE_SZ, room as libc::c_int);
            }
        }
    }
    Ok(stamped)
}

/// conn, item, message
pub fn sending<'py>(
    py: Python<'_>,
    hook: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [conn, item, message] = given(arguments)?;
    if let Some(exchange) = exchanges::of(conn) {
        return exchange.borrow_mut().sending(message.clone());
    }
    let envelope = match envelopes::take_outgoing() {
        Some(envelope) => envelope,
        None => match hook.number(conn)? {
            0 => return Ok(message.clone()),
            // SAFETY: the objects are live.
            number => Envelope::of(unsafe {
                record::emit(py, ops::SEND, number, outcome::OK, || {
                    values::encode(py, item.as_ptr(), values::SHORT)
                })
            }),
        },
    };
    stamped(conn, message, &envelope)
}

/// conn, message
pub fn sending_bytes<'py>(
    py: Python<'_>,
    hook: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [conn, message] = given(arguments)?;
    let number = hook.number(conn)?;
    if number != 0 {
        let some = PySlice::new(conn.py(), 0, values::SHORT as isize + 1, 1);
        let start = message.get_item(some)?;
        // SAFETY: it is a new reference, or null with an exception set.
        let start = unsafe {
            Bound::from_owned_ptr_or_err(conn.py(), ffi::PyBytes_FromObject(start.as_ptr()))?
        };
        // SAFETY: the object is live.
        let value = || unsafe { values::encode(py, start.as_ptr(), values::SHORT) };
        record::emit(py, ops::SEND, number, outcome::OK, value);
    }
    Ok(message.clone())
}

/// conn
pub fn receiving<'py>(
    py: Python<'_>,
    hook: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [conn] = given(arguments)?;
    begins(py, hook, conn)?;
    Ok(none(conn.py()))
}

fn begins(py: Python<'_>, hook: &MessageHook, conn: &Bound<'_, PyAny>) -> PyResult<()> {
    match hook.number(conn)? {
        0 => Ok(()),
        number => request(py, ops::RECV, number, b"recv", false, || readable(conn)),
    }
}

/// conn, what the message may have without a trailer: what it may have with one; None: any length
pub fn receiving_at_most<'py>(
    py: Python<'_>,
    hook: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [conn, longest] = given(arguments)?;
    begins(py, hook, conn)?;
    match longest.is_none() {
        true => Ok(longest.clone()),
        false => longest.add(trailers::LONGEST),
    }
}

/// conn, message
pub fn received<'py>(
    py: Python<'_>,
    hook: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [conn, message] = given(arguments)?;
    has_come(py, hook, conn, message)?;
    Ok(none(conn.py()))
}

fn has_come(
    py: Python<'_>,
    hook: &MessageHook,
    conn: &Bound<'_, PyAny>,
    message: &Bound<'_, PyAny>,
) -> PyResult<()> {
    if let Some(exchange) = exchanges::of(conn) {
        exchange.borrow_mut().received(message);
        return Ok(());
    }
    let envelope = Envelope::strip(message);
    let number = hook.number(conn)?;
    if number == 0 {
        envelopes::has_come(envelope);
        return Ok(());
    }
    let value = match envelope {
        Some(envelope) => (values::LINK, envelope.seq),
        None => {
            // Which message it is follows from the other end's.
            let known = conn.getattr(intern!(conn.py(), "_racetrace"))?;
            let other: String = known.getattr(intern!(conn.py(), "other"))?.extract()?;
            match other.is_empty() {
                true => (values::ABSENT, 0),
                false => (values::REF, u64::from(identity::shared(py, &other))),
            }
        }
    };
    record::emit(py, ops::RECV, number, outcome::OK, || value);
    Ok(())
}

/// conn, message or None, the most that it may have: None if it has more
pub fn received_at_most<'py>(
    py: Python<'_>,
    hook: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [conn, message, longest] = given(arguments)?;
    if !message.is_none() {
        has_come(py, hook, conn, message)?;
        if !longest.is_none() && longest.lt(bytesio::contents(message).len())? {
            return Ok(none(conn.py()));
        }
    }
    Ok(message.clone())
}
