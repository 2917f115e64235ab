//! The threads of this process and the processes that it makes, as its log names them: by the path of
//! who made them.

use super::buffer::{self, Buffer, MAIN_THREAD};
use super::defs::Entry;
use super::state::{fail, recording};
use super::{alone, identity, page, sites, state, unrecorded};
use crate::gil::Gil;
use crate::reserve::Table;
use crate::spool::files::File;
use crate::spool::format::Definition;
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
///
/// # Safety
/// The GIL is held.
pub unsafe fn open(spool: &Path, birth: &Birth<'_>) {
    state::open(birth.process);
    *SESSION.get() = Some(Session {
        spool: spool.to_owned(),
        threads: Vec::new(),
        unborn: FxHashMap::default(),
    });
    Entry::new(Definition::Process, 4)
        .str(birth.path)
        .uint(u64::from(std::process::id()))
        .str(birth.method)
        .str(birth.name)
        .write();
}

/// The spool of the last session; None if there was none.
///
/// # Safety
/// The GIL is held.
pub unsafe fn spool() -> Option<PathBuf> {
    SESSION.get().as_ref().map(|session| session.spool.clone())
}

/// Numbers the thread in which the process's recording begins: (thread id, object id).
///
/// # Safety
/// The GIL is held.
pub unsafe fn first(birth: &Birth<'_>) -> (u32, u32) {
    let mut row = ThreadRow::new(birth.path.to_owned(), "MainThread", 0);
    row.daemon = birth.daemon;
    if !birth.object.is_empty() {
        row.object = identity::shared(birth.object);
    }
    define(row, "Thread")
}

/// The object that stands for the thread is made, unless the row has it.
pub(super) unsafe fn define(mut row: ThreadRow, kind: &str) -> (u32, u32) {
    let Some(session) = SESSION.get() else {
        return (0, 0);
    };
    let thread = session.threads.len() as u32 + 1;
    SEVERAL.store(thread > 1, Ordering::Relaxed);
    row.write(thread);
    if row.object == 0 {
        row.object = identity::define_object(kind, &row.name, thread, 0);
    } else {
        identity::is_thread(row.object, thread);
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

    fn write(&self, thread: u32) {
        Entry::new(Definition::Thread, 6)
            .uint(u64::from(thread))
            .str(&self.path)
            .str(&self.name)
            .uint(u64::from(self.parent))
            .bool(self.daemon)
            .bool(self.internal)
            .write();
    }
}

/// Numbers a thread that the calling thread is about to start: (thread id, object id). `internal`
/// says that the standard library makes it for itself.
///
/// # Safety
/// The GIL is held.
pub unsafe fn make(name: &str, daemon: bool, kind: &str, internal: bool) -> (u32, u32) {
    if !recording() {
        return (0, 0);
    }
    let parent = buffer::thread();
    let Some(row) = maker() else { return (0, 0) };
    row.children += 1;
    let path = format!("{}.{}", row.path, row.children);
    let mut row = ThreadRow::new(path, name, parent);
    row.daemon = daemon;
    row.internal = internal;
    let (thread, object) = define(row, kind);
    alone::starts(thread);
    (thread, object)
}

/// Numbers the calling thread, one of the standard library's that was not recorded so far: (thread
/// id, object id). It serves a thread of some process, whose name for that is told (see
/// `next_served`) and makes its path: which of such threads comes first is chance.
///
/// # Safety
/// The GIL is held.
pub unsafe fn appear(name: &str, daemon: bool, kind: &str, serves: &str) -> (u32, u32) {
    if !recording() {
        return (0, 0);
    }
    let Some(row) = maker() else { return (0, 0) };
    let path = if serves.is_empty() {
        row.children += 1;
        format!("{}.{}", row.path, row.children)
    } else {
        format!("{}@{serves}", row.path)
    };
    let mut row = ThreadRow::new(path, name, 0);
    row.daemon = daemon;
    row.internal = true;
    let (thread, object) = define(row, kind);
    alone::no_more();
    (thread, object)
}

/// What the next thread of a server that serves the calling thread is called by; empty if the calling
/// thread is not recorded.
///
/// # Safety
/// The GIL is held.
pub unsafe fn next_served() -> String {
    let index = (buffer::thread() as usize).wrapping_sub(1);
    let session = SESSION.get().as_mut();
    let Some(row) = session.and_then(|session| session.threads.get_mut(index)) else {
        return String::new();
    };
    row.servers += 1;
    format!("{}#{}", row.path, row.servers)
}

/// The calling thread's row. A thread that was not started through us has no place in the tree:
/// what it makes hangs off the root.
pub(super) unsafe fn maker() -> Option<&'static mut ThreadRow> {
    let index = (buffer::thread() as usize).saturating_sub(1);
    SESSION.get().as_mut()?.threads.get_mut(index)
}

/// Numbers a process that the calling thread is about to make: its path, and the object that
/// stands for it, by its number here.
///
/// # Safety
/// The GIL is held.
pub unsafe fn new_process(name: &str, kind: &str) -> (String, u32) {
    if !recording() {
        return (String::new(), 0);
    }
    let Some(row) = maker() else {
        return (String::new(), 0);
    };
    row.processes += 1;
    alone::no_more();
    let path = format!("{}/p{}", row.path, row.processes);
    let site = sites::current_site();
    let object = identity::define_object(kind, name, 0, site);
    identity::share(object, "");
    if let Some(session) = SESSION.get() {
        let name = if name.is_empty() { &path } else { name };
        let child = (path.clone(), name.to_owned());
        session.unborn.insert(object, child);
    }
    (path, object)
}

/// Notes the process that the object stands for, which has just been made by `method`: it may be
/// killed before it tells anything itself.
///
/// # Safety
/// The GIL is held.
pub unsafe fn child_made(pid: u32, object: u32, method: &str) {
    let unborn = SESSION.get().as_mut().map(|session| &mut session.unborn);
    let Some((path, name)) = unborn.and_then(|unborn| unborn.remove(&object)) else {
        return;
    };
    page::note_process();
    if recording() {
        Entry::new(Definition::Child, 4)
            .str(&path)
            .uint(u64::from(pid))
            .str(method)
            .str(&name)
            .write();
    }
}

/// Opens the file of what the calling thread does for another: `process` is the index of that
/// one's process, `thread` its id there.
///
/// # Safety
/// The GIL is held.
pub unsafe fn delegate(process: u32, thread: u32) -> Option<Box<Buffer>> {
    let session = SESSION.get().as_ref()?;
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
pub fn child_ended(pid: u32, status: i32) {
    if recording() {
        Entry::new(Definition::Ended, 2)
            .uint(u64::from(pid))
            .int(i64::from(status))
            .write();
    }
}

/// # Safety
/// The GIL is held.
pub unsafe fn rename(thread: u32, name: &str) {
    let Some(session) = SESSION.get() else { return };
    if let Some(row) = session.threads.get_mut((thread as usize).wrapping_sub(1)) {
        row.name = name.to_owned();
        row.write(thread);
    }
}

/// Says whether the calling thread only does the standard library's own work.
///
/// # Safety
/// The GIL is held.
pub unsafe fn mark_internal(internal: bool) {
    let thread = buffer::thread();
    let Some(session) = SESSION.get() else { return };
    if let Some(row) = session.threads.get_mut((thread as usize).wrapping_sub(1)) {
        if row.internal != internal {
            row.internal = internal;
            row.write(thread);
        }
    }
}

/// The logical path of a thread of this process.
///
/// # Safety
/// The GIL is held, and no thread is made while the path is in use.
pub unsafe fn path(thread: u32) -> Option<&'static str> {
    let rows = SESSION.get().as_ref().map(|session| &session.threads)?;
    let row = rows.get((thread as usize).wrapping_sub(1))?;
    Some(&row.path)
}

/// The object id of a thread's Thread object.
///
/// # Safety
/// The GIL is held.
pub unsafe fn object(thread: u32) -> u32 {
    let rows = SESSION.get().as_ref().map(|session| &session.threads);
    rows.and_then(|rows| rows.get((thread as usize).wrapping_sub(1)))
        .map_or(0, |row| row.object)
}

/// Binds the calling OS thread to a thread id. The buffer is open from here to `leave`.
///
/// # Safety
/// The GIL is held.
pub unsafe fn enter(thread: u32) -> Result<(), i32> {
    if !recording() || thread == 0 {
        return Ok(());
    }
    let Some(session) = SESSION.get() else {
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
                .write();
            if thread != MAIN_THREAD {
                unrecorded::watch();
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
        drop(unsafe { Box::from_raw(buffer) });
        page::anchor();
    }
}
