//! The hooks in `multiprocessing.managers` that run once or more a call of a proxy.

use super::{envelopes, exchanges, given, none, Exchange, MessageHook, Result};
use crate::ops::outcome;
use crate::primitives;
use crate::record::{recording, threads};
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyCFunction, PyDict, PyString, PyTuple, PyType};

/// The modules whose methods are recorded as what they do, and not as code.
const LIBRARY: &[&str] = &["threading", "queue", "_queue", "multiprocessing.managers"];

/// proxy, connection, method
pub fn calling<'py>(
    _: Python<'_>,
    hook: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [proxy, conn, method] = given(arguments)?;
    let py = proxy.py();
    if recording() {
        let number = hook.number_in(primitives::known(proxy), proxy)?;
        let exchange = match exchanges::of(conn) {
            Some(exchange) => exchange,
            None => exchanges::make(conn)?,
        };
        exchange.borrow_mut().call(py, number, method);
    }
    Ok(none(py))
}

/// connection, kind of answer
pub fn called<'py>(
    py: Python<'_>,
    _: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [conn, kind] = given(arguments)?;
    if let Some(exchange) = exchanges::of(conn) {
        exchange.borrow_mut().result(
            py,
            match kind.extract() {
                Ok("#RETURN" | "#PROXY") => outcome::OK,
                _ => outcome::RAISED,
            },
        );
    }
    Ok(none(conn.py()))
}

/// In the server: EXECUTE is recorded. Gives what is known of the object, whose id is `ident`.
fn execute<'py>(
    py: Python<'_>,
    exchange: &Bound<'py, Exchange>,
    server: &Bound<'py, PyAny>,
    ident: &Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let known = match primitives::known(server) {
        Some(objects) => objects.cast::<PyDict>()?.get_item(ident)?,
        None => None,
    };
    let number = known.as_ref().and_then(primitives::number);
    exchange.borrow_mut().execute(py, number.unwrap_or(0));
    Ok(known)
}

/// How a method is recorded.
enum Way<'a> {
    /// As the program's own code, in the server's thread.
    Code,
    /// As what the hooks in the standard library record, for the caller.
    Acts,
    /// As an access, by this name.
    Access(&'a str),
}

fn is_native(function: &Bound<'_, PyAny>) -> bool {
    static WRAPPER: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let wrapper = WRAPPER.import(function.py(), "types", "MethodWrapperType");
    function.is_instance_of::<PyCFunction>()
        || wrapper.is_ok_and(|kind| function.get_type().is(kind))
}

fn way<'a>(
    known: &Bound<'_, PyAny>,
    object: &Bound<'_, PyAny>,
    method: &'a str,
    function: &Bound<'_, PyAny>,
) -> PyResult<Way<'a>> {
    static VALUE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let py = object.py();
    // SAFETY: the object is live.
    let native = is_native(function) && unsafe { ffi::PyGen_CheckExact(object.as_ptr()) } == 0;
    if !native {
        let module = function.getattr_opt(intern!(py, "__module__"))?;
        let module = module.and_then(|module| module.cast_into::<PyString>().ok());
        if !module.is_some_and(|module| LIBRARY.contains(&&*module.to_string_lossy())) {
            return Ok(Way::Code);
        }
    }
    if known.getattr(intern!(py, "primitive"))?.is_truthy()? {
        return Ok(Way::Acts);
    }
    let value = VALUE.import(py, "multiprocessing.managers", "Value")?;
    Ok(match method {
        "get" if object.get_type().is(value) => Way::Access("get value"),
        "set" if object.get_type().is(value) => Way::Access("set value"),
        _ if native => Way::Access(method),
        _ => Way::Code,
    })
}

/// server, connection, id of the object, object, method, function: what the server is to call for the
/// request in place of the function
pub fn executing<'py>(
    py: Python<'_>,
    _: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [server, conn, ident, object, method, function] = given(arguments)?;
    let Some(exchange) = exchanges::of(conn).filter(|exchange| exchange.borrow().requested())
    else {
        return Ok(function.clone());
    };
    if let Some(known) = execute(py, &exchange, server, ident)? {
        let name = method.cast::<PyString>()?.to_string_lossy();
        match way(&known, object, &name, function)? {
            Way::Code => threads::mark_internal(py, false),
            Way::Acts => exchange.borrow().act(py),
            Way::Access(name) => {
                let (function, object) = (function.clone().unbind(), object.clone().unbind());
                let made = exchange
                    .borrow()
                    .managed(conn.py(), function, object, name)?;
                return Ok(Bound::new(conn.py(), made)?.into_any());
            }
        }
    }
    Ok(function.clone())
}

/// server, connection, id of the object: the request is not for one of the methods that callers may
/// have
pub fn refusing<'py>(
    py: Python<'_>,
    _: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [server, conn, ident] = given(arguments)?;
    if let Some(exchange) = exchanges::of(conn).filter(|exchange| exchange.borrow().requested()) {
        execute(py, &exchange, server, ident)?;
    }
    Ok(none(conn.py()))
}

/// connection, answer: the server is about to send it
pub fn replying<'py>(
    py: Python<'_>,
    _: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [conn, message] = given(arguments)?;
    let [kind, result] = given(message.cast::<PyTuple>()?.as_slice())?;
    let Some(exchange) = exchanges::of(conn) else {
        return Ok(none(conn.py()));
    };
    let mut exchange = exchange.borrow_mut();
    match kind.extract()? {
        "#RETURN" => exchange.reply(py, None, ""),
        "#PROXY" => {
            let envelope = envelopes::take_outgoing();
            exchange.reply(
                py,
                None,
                envelope.as_ref().map_or("", |envelope| &envelope.key),
            );
        }
        "#ERROR" => exchange.reply(py, Some(&result.get_type().name()?.to_string_lossy()), ""),
        _ => exchange.reply(py, Some("RemoteError"), ""),
    }
    Ok(none(conn.py()))
}
