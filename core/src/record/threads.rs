//! The threads of this process and the processes that it makes, as its log names them: by the path of
//! who made them.

use super::buffer::{self, Buffer, MAIN_THREAD};
use super::defs::Entry;
use super::state::{fail, recording};
use super::{alone, identity, page, sites, state, unrecorded};
use crate::gil::{Gil, GilMut};
use crate::reserve::Table;
use crate::spool::files::File;
use crate::spool::format::Definition;
use pyo3::Python;
use rustc_hash::FxHashMap;
use std::path::{Path, PathBuf};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::OnceLock;

pub(super) struct ThreadRow {
    pub(super) path: String,
    name: String,
    parent: u32,
    pub(super) daemon: bool,
    internal: bool,
    /// How many threads, and how many processes, it has made.
    children: u32,
    processes: u32,
    /// How many threads of servers have begun to serve it.
    servers: u32,
    object: u32,
}

/// A process of the run, as it is told of itself.
pub struct Birth<'a> {
    /// Its index, which no other process of the run has.
    pub process: u32,
    /// The path of the thread that made it, and as which: "main.2/p1".
    pub path: &'a str,
    pub method: &'a str,
    /// What the program calls it: "Process-1".
    pub name: &'a str,
    pub daemon: bool,
    /// The key of the object that stands for it, see `identity::share`; empty for the run's first
    /// process.
    pub object: &'a str,
}

struct Session {
    spool: PathBuf,
    threads: Vec<ThreadRow>,
    /// The paths and names of the processes that this one is making, by their objects.
    unborn: FxHashMap<u32, (String, String)>,
}

static SESSION: Gil<Option<Session>> = Gil::new(None);

/// Whether the process has had more than one thread.
static SEVERAL: AtomicBool = AtomicBool::new(false);

#[inline(always)]
pub fn has_several_threads() -> bool {
    SEVERAL.load(Ordering::Relaxed)
}

/// The ident and the native id that the program knows the calling thread by.
type Idents = fn() -> (u64, u32);

static IDENTS: OnceLock<Idents> = OnceLock::new();

/// Threads are known by what this answers. Only the first call counts.
pub fn go_by(idents: Idents) {
    let _ = IDENTS.set(idents);
}

/// A session of this process begins, in this spool.
pub fn open(py: Python<'_>, spool: &Path, birth: &Birth<'_>) {
    state::open(birth.process);
    SESSION.set(
        py,
        Some(Session {
            spool: spool.to_owned(),
            threads: Vec::new(),
            unborn: FxHashMap::default(),
        }),
    );
    Entry::new(Definition::Process, 4)
        .str(birth.path)
        .uint(u64::from(std::process::id()))
        .str(birth.method)
        .str(birth.name)
        .write(py);
}

/// The spool of the last session; None if there was none.
pub fn spool(py: Python<'_>) -> Option<PathBuf> {
    SESSION
        .get(py)
        .as_ref()
        .map(|session| session.spool.clone())
}

/// Numbers the thread in which the process's recording begins: (thread id, object id).
pub fn first(py: Python<'_>, birth: &Birth<'_>) -> (u32, u32) {
    let mut row = ThreadRow::new(birth.path.to_owned(), "MainThread", 0);
    row.daemon = birth.daemon;
    if !birth.object.is_empty() {
        row.object = identity::shared(py, birth.object);
    }
    define(py, row, "Thread")
}

/// The object that stands for the thread is made, unless the row has it.
pub(super) fn define(py: Python<'_>, mut row: ThreadRow, kind: &str) -> (u32, u32) {
    let Some(mut session) = SESSION.get_some(py) else {
        return (0, 0);
    };
    let thread = session.threads.len() as u32 + 1;
    SEVERAL.store(thread > 1, Ordering::Relaxed);
    row.write(py, thread);
    if row.object == 0 {
        row.object = identity::define_object(py, kind, &row.name, thread, 0);
    } else {
        identity::is_thread(py, row.object, thread);
    }
    let object = row.object;
    session.threads.spare();
    session.threads.push(row);
    (thread, object)
}

impl ThreadRow {
    pub(super) fn new(path: String, name: &str, parent: u32) -> ThreadRow {
        ThreadRow {
            path,
            name: name.to_owned(),
            parent,
            daemon: false,
            internal: false,
            children: 0,
            processes: 0,
            servers: 0,
            object: 0,
        }
    }

    /// The path of the thread that it makes next.
    fn next_child(&mut self) -> String {
        self.children += 1;
        format!("{}.{}", self.path, self.children)
    }

    fn write(&self, py: Python<'_>, thread: u32) {
        Entry::new(Definition::Thread, 6)
            .uint(u64::from(thread))
            .str(&self.path)
            .str(&self.name)
            .uint(u64::from(self.parent))
            .bool(self.daemon)
            .bool(self.internal)
            .write(py);
    }
}

/// Numbers a thread that the calling thread is about to start: (thread id, object id). `internal`
/// says that the standard library makes it for itself.
pub fn make(py: Python<'_>, name: &str, daemon: bool, kind: &str, internal: bool) -> (u32, u32) {
    if !recording() {
        return (0, 0);
    }
    let parent = buffer::thread();
    let Some(path) = maker(py).map(|mut row| row.next_child()) else {
        return (0, 0);
    };
    let mut row = ThreadRow::new(path, name, parent);
    row.daemon = daemon;
    row.internal = internal;
    let (thread, object) = define(py, row, kind);
    alone::starts(py, thread);
    (thread, object)
}

/// Numbers the calling thread, one of the standard library's that was not recorded so far: (thread
/// id, object id). It serves a thread of some process, whose name for that is told (see
/// `next_served`) and makes its path: which of such threads comes first is chance.
pub fn appear(py: Python<'_>, name: &str, daemon: bool, kind: &str, serves: &str) -> (u32, u32) {
    if !recording() {
        return (0, 0);
    }
    let path = |mut row: GilMut<'_, ThreadRow>| match serves.is_empty() {
        true => row.next_child(),
        false => format!("{}@{serves}", row.path),
    };
    let Some(path) = maker(py).map(path) else {
        return (0, 0);
    };
    let mut row = ThreadRow::new(path, name, 0);
    row.daemon = daemon;
    row.internal = true;
    let (thread, object) = define(py, row, kind);
    alone::no_more(py);
    (thread, object)
}

/// What the next thread of a server that serves the calling thread is called by; empty if the calling
/// thread is not recorded.
pub fn next_served(py: Python<'_>) -> String {
    let index = (buffer::thread() as usize).wrapping_sub(1);
    let row = SESSION.find(py, |session| session.as_mut()?.threads.get_mut(index));
    let Some(mut row) = row else {
        return String::new();
    };
    row.servers += 1;
    format!("{}#{}", row.path, row.servers)
}

/// The calling thread's row. A thread that was not started through us has no place in the tree:
/// what it makes hangs off the root.
pub(super) fn maker(py: Python<'_>) -> Option<GilMut<'_, ThreadRow>> {
    let index = (buffer::thread() as usize).saturating_sub(1);
    SESSION.find(py, |session| session.as_mut()?.threads.get_mut(index))
}

/// Numbers a process that the calling thread is about to make: its path, and the object that
/// stands for it, by its number here.
pub fn new_process(py: Python<'_>, name: &str, kind: &str) -> (String, u32) {
    if !recording() {
        return (String::new(), 0);
    }
    let path = |mut row: GilMut<'_, ThreadRow>| {
        row.processes += 1;
        format!("{}/p{}", row.path, row.processes)
    };
    let Some(path) = maker(py).map(path) else {
        return (String::new(), 0);
    };
    alone::no_more(py);
    let site = sites::current_site(py);
    let object = identity::define_object(py, kind, name, 0, site);
    identity::share(py, object, "");
    if let Some(mut session) = SESSION.get_some(py) {
        let name = if name.is_empty() { &path } else { name };
        let child = (path.clone(), name.to_owned());
        session.unborn.insert(object, child);
    }
    (path, object)
}

/// Notes the process that the object stands for, which has just been made by `method`: it may be
/// killed before it tells anything itself.
pub fn child_made(py: Python<'_>, pid: u32, object: u32, method: &str) {
    let unborn = SESSION
        .get_some(py)
        .and_then(|mut session| session.unborn.remove(&object));
    let Some((path, name)) = unborn else {
        return;
    };
    page::note_process();
    if recording() {
        Entry::new(Definition::Child, 4)
            .str(&path)
            .uint(u64::from(pid))
            .str(method)
            .str(&name)
            .write(py);
    }
}

/// Opens the file of what the calling thread does for another: `process` is the index of that
/// one's process, `thread` its id there.
pub fn delegate(py: Python<'_>, process: u32, thread: u32) -> Option<Box<Buffer>> {
    let session = SESSION.get_some(py)?;
    let own = buffer::thread();
    let file = File::Delegated {
        process: state::process(),
        thread: own,
        caller: (process, thread),
    };
    Buffer::open(&session.spool.join(file.name()), own)
        .map_err(fail)
        .ok()
}

/// Notes how a child ended, as this process was told by the kernel: an exit status, negative for
/// a signal.
pub fn child_ended(py: Python<'_>, pid: u32, status: i32) {
    if recording() {
        Entry::new(Definition::Ended, 2)
            .uint(u64::from(pid))
            .int(i64::from(status))
            .write(py);
    }
}

pub fn rename(py: Python<'_>, thread: u32, name: &str) {
    let Some(mut session) = SESSION.get_some(py) else {
        return;
    };
    if let Some(row) = session.threads.get_mut((thread as usize).wrapping_sub(1)) {
        row.name = name.to_owned();
        row.write(py, thread);
    }
}

/// Says whether the calling thread only does the standard library's own work.
pub fn mark_internal(py: Python<'_>, internal: bool) {
    let thread = buffer::thread();
    let Some(mut session) = SESSION.get_some(py) else {
        return;
    };
    if let Some(row) = session.threads.get_mut((thread as usize).wrapping_sub(1)) {
        if row.internal != internal {
            row.internal = internal;
            row.write(py, thread);
        }
    }
}

/// The logical path of a thread of this process.
pub fn path(py: Python<'_>, thread: u32) -> Option<String> {
    let session = SESSION.get_some(py)?;
    let row = session.threads.get((thread as usize).wrapping_sub(1))?;
    Some(row.path.clone())
}

/// The object id of a thread's Thread object.
pub fn object(py: Python<'_>, thread: u32) -> u32 {
    let object = |session: GilMut<'_, Session>| {
        let row = session.threads.get((thread as usize).wrapping_sub(1))?;
        Some(row.object)
    };
    SESSION.get_some(py).and_then(object).unwrap_or(0)
}

/// Binds the calling OS thread to a thread id. The buffer is open from here to `leave`.
pub fn enter(py: Python<'_>, thread: u32) -> Result<(), i32> {
    if !recording() || thread == 0 {
        return Ok(());
    }
    let Some(session) = SESSION.get_some(py) else {
        return Ok(());
    };
    let process = state::process();
    let file = File::Events { process, thread };
    match Buffer::open(&session.spool.join(file.name()), thread) {
        Ok(buffer) => {
            buffer::set_current(Box::into_raw(buffer));
            let (ident, native_id) = IDENTS.get().map_or((0, 0), |own| own());
            Entry::new(Definition::Ident, 3)
                .uint(u64::from(thread))
                .uint(ident)
                .uint(u64::from(native_id))
                .write(py);
            if thread != MAIN_THREAD {
                unrecorded::watch(py);
            }
            Ok(())
        }
        Err(errno) => {
            fail(errno);
            Err(errno)
        }
    }
}

/// The calling thread is recorded no more.
pub fn leave() {
    let buffer = buffer::current();
    if !buffer.is_null() {
        buffer::set_current(null_mut());
        // SAFETY: the buffer was made by `Box::into_raw`, and is nobody's any more.
        drop(unsafe { Box::from_raw(buffer) });
        page::anchor();
    }
}
