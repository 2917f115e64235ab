//! Both ends of the connection between a thread that calls proxies and the thread of a manager's
//! server that serves it: what is recorded of a call, and what rides in its two messages.
//!
//! A request has the CALL and the caller in its trailer, an answer the RETURN, and the key of the
//! object that it gives a proxy of.

use super::{envelopes, tasks, trailers};
use crate::cpython::bytesio;
use crate::hooks::{shared, Managed};
use crate::ops::{self, outcome};
use crate::primitives;
use crate::record::delegates::{self, Caller};
use crate::record::{self, recording, threads, values};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyString;

const CALLER: usize = 13;

fn pack(caller: Caller) -> [u8; CALLER] {
    let mut packed = [0; CALLER];
    packed[..4].copy_from_slice(&caller.process.to_le_bytes());
    packed[4..8].copy_from_slice(&caller.thread.to_le_bytes());
    packed[8..12].copy_from_slice(&caller.site.to_le_bytes());
    packed[12] = caller.flags;
    packed
}

fn unpack(packed: &[u8]) -> Option<Caller> {
    let packed: &[u8; CALLER] = packed.try_into().ok()?;
    let number = |at: usize| u32::from_le_bytes(packed[at..at + 4].try_into().expect("4 bytes"));
    Some(Caller {
        process: number(0),
        thread: number(4),
        site: number(8),
        flags: packed[12],
    })
}

/// One end. The state is that of the call under way.
#[pyclass(module = "racetrace.tracer._core")]
#[derive(Default)]
pub struct Exchange {
    /// What is to ride behind the next message that is sent.
    outgoing: Option<(u64, Vec<u8>)>,
    /// What rode behind the last one that has arrived; a sequence number of 0 is none.
    seq: u64,
    key: Vec<u8>,
    /// The object that the call is about; 0 is none.
    number: u32,
    /// In the server: whether EXECUTE has been recorded.
    begun: bool,
}

/// The attribute of the connection that has it.
fn name(py: Python<'_>) -> &Bound<'_, PyString> {
    intern!(py, "_racetrace_exchange")
}

/// That of a connection between a proxy and its manager; None if it is no such connection, or has
/// none yet.
pub fn of<'py>(conn: &Bound<'py, PyAny>) -> Option<Bound<'py, Exchange>> {
    primitives::kept(conn, name(conn.py()))?.cast_into().ok()
}

pub fn make<'py>(conn: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Exchange>> {
    let exchange = Bound::new(conn.py(), Exchange::default())?;
    primitives::keep(conn, name(conn.py()), exchange.clone().into_any())?;
    Ok(exchange)
}

impl Exchange {
    /// The calling thread is about to call the method of the object behind a proxy.
    pub fn call(&mut self, py: Python<'_>, number: u32, method: &Bound<'_, PyAny>) {
        self.number = number;
        self.seq = 0;
        // SAFETY: the objects are live.
        unsafe {
            let caller = delegates::caller(py, shared::take_pending());
            let seq = record::emit(py, ops::CALL, number, outcome::OK, || {
                values::encode(py, method.as_ptr(), values::SHORT)
            });
            self.outgoing = Some((seq, pack(caller).to_vec()));
        }
    }

    /// The message, with what is to ride behind it: what is known of the call, or what the thread
    /// gave for its next message.
    pub fn sending<'py>(&mut self, message: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let given =
            || envelopes::take_outgoing().map(|envelope| (envelope.seq, envelope.key.into_bytes()));
        let Some((seq, key)) = self.outgoing.take().or_else(given) else {
            return Ok(message);
        };
        Ok(trailers::stamped(&message, seq, &key)?.into_any())
    }

    /// A message has arrived, in an `io.BytesIO`.
    pub fn received(&mut self, message: &Bound<'_, PyAny>) {
        self.seq = 0;
        self.begun = false;
        self.key.clear();
        if let Some((seq, key, _)) = trailers::envelope(bytesio::contents(message)) {
            self.seq = seq;
            self.key.extend_from_slice(key);
        }
    }

    pub fn caller(&self) -> Option<Caller> {
        unpack(&self.key).filter(|_| self.seq != 0)
    }

    /// The server's thread begins with the request, which is about this object.
    pub fn execute(&mut self, py: Python<'_>, number: u32) {
        self.number = number;
        self.begun = true;
        let call = (values::LINK, self.seq);
        record::emit(py, ops::EXECUTE, number, outcome::OK, || call);
    }

    /// From here to `reply` what the server's thread records is the caller's.
    pub fn act(&self, py: Python<'_>) {
        if let Some(caller) = self.caller() {
            delegates::begin(py, caller);
        }
    }

    /// The server's thread is about to answer: with a result, or what was raised, by the name of
    /// its type; and with the key of the object that it gives a proxy of.
    pub fn reply(&mut self, py: Python<'_>, raised: Option<&str>, key: &str) {
        delegates::end(py);
        self.outgoing = None;
        if !self.requested() {
            return;
        }
        if !self.begun {
            self.execute(py, 0);
        }
        let (outcome, value) = match raised {
            None => (outcome::OK, (values::ABSENT, 0)),
            Some(name) => (outcome::RAISED, values::text(py, name.as_bytes())),
        };
        let seq = record::emit(py, ops::RETURN, self.number, outcome, || value);
        self.outgoing = Some((seq, key.as_bytes().to_vec()));
        // The next request may fail before it has come: that is no answer to this one.
        self.seq = 0;
    }
}

#[pymethods]
impl Exchange {
    #[new]
    pub fn new() -> Exchange {
        Exchange::default()
    }

    /// The calling thread is about to send the connection's first request, which says whom the
    /// server's thread serves.
    fn connect(&mut self, py: Python<'_>) {
        if recording() {
            let caller = threads::next_served(py);
            let seq = tasks::step(py, "connect to manager", 0);
            self.outgoing = Some((seq, caller.into_bytes()));
        }
    }

    /// The answer to the call has come, or, with another outcome, has not.
    pub fn result(&mut self, py: Python<'_>, outcome: u8) {
        if self.number != 0 {
            let call = || values::link(self.seq);
            record::emit(py, ops::RESULT, self.number, outcome, call);
        }
        self.outgoing = None;
        self.number = 0;
        self.seq = 0;
    }

    /// The event that sent the last message; 0: it had none.
    #[getter]
    fn seq(&self) -> u64 {
        self.seq
    }

    /// What rode in it: whom the server's thread serves, or what the answer said of the object that it
    /// gave a proxy of.
    #[getter]
    fn told(&self) -> String {
        String::from_utf8_lossy(&self.key).into_owned()
    }

    /// What calls the native function, which is the method `name` of the object, and records what it does
    /// as the caller's.
    pub fn managed(
        &self,
        py: Python<'_>,
        function: Py<PyAny>,
        object: Py<PyAny>,
        name: &str,
    ) -> PyResult<Managed> {
        Managed::new(py, function, object, name, self.caller())
    }

    /// Whether the server's thread has a request that is to be recorded.
    #[getter]
    pub fn requested(&self) -> bool {
        self.seq != 0 && recording()
    }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Exchange>()
}
