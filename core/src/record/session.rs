//! One recording of one process: start, stop, threads, fork.

use super::buffer::{self, Buffer};
use super::defs::{self, Entry};
use super::{adopted, alone, delegates, page, sites, strands, unrecorded, MEMORY, RECORDING};
use crate::cpython::frames;
use crate::gil::Gil;
use crate::ops;
use crate::reserve::Table;
use rustc_hash::FxHashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

struct ThreadRow {
    path: String,
    name: String,
    parent: u32,
    daemon: bool,
    internal: bool,
    /// How many threads, and how many processes, it has made.
    children: u32,
    processes: u32,
    /// How many threads of servers have begun to serve it.
    servers: u32,
    object: u32,
}

/// The thread in which a process's recording begins.
pub const MAIN_THREAD: u32 = 1;

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
    process: u32,
    threads: Vec<ThreadRow>,
    /// The paths and names of the processes that this one is making, by their objects.
    unborn: FxHashMap<u32, (String, String)>,
}

static SESSION: Gil<Option<Session>> = Gil::new(None);

/// Counts the sessions of this process: what was opened for one is of no use in another.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// Whether the process has had more than one thread.
static SEVERAL: AtomicBool = AtomicBool::new(false);

#[inline(always)]
pub fn has_several_threads() -> bool {
    SEVERAL.load(Ordering::Relaxed)
}

/// Counts the recordings: the numbers that were given in one, or in its forked children, have no
/// meaning in another.
static RECORDINGS: AtomicU32 = AtomicU32::new(0);

pub fn recordings() -> u32 {
    RECORDINGS.load(Ordering::Relaxed)
}

/// The number of the present session.
pub fn count() -> u32 {
    COUNT.load(Ordering::Relaxed)
}

/// Makes the process ready to be recorded; done once. Locks that the program makes from now on are
/// known to every later recording.
///
/// # Safety
/// The GIL is held.
pub unsafe fn install() {
    crate::cpython::thread_exit::install();
    frames::init();
    crate::reserve::when_out_of_room(|| {
        if super::recording() {
            fail(libc::ENOMEM);
        }
    });
    super::identity::install();
    super::hashes::install();
    crate::sync::install();
    crate::inputs::install();
    crate::traffic::install();
    crate::children::install();
    crate::signals::install();
    crate::natives::install();
    crate::programs::install();
    crate::channels::install();
    crate::output::install();
}

/// The index of the run's first process.
const FIRST: u32 = 1;

/// Starts recording; the calling thread becomes the thread with the process's path ("main").
/// `lone_reads`: what it reads is recorded while it is alone, too.
///
/// # Safety
/// The GIL is held.
pub unsafe fn start(
    spool: &Path,
    birth: &Birth<'_>,
    memory: bool,
    lone_reads: bool,
) -> io::Result<()> {
    if super::recording() {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "already recording",
        ));
    }
    page::open(spool)?;
    if birth.process != FIRST {
        page::note_process();
    }
    let log = spool.join(format!("p{}.defs", birth.process));
    defs::open(&log).map_err(io::Error::from_raw_os_error)?;
    install();
    super::identity::reset();
    super::locations::reset();
    crate::inputs::reset();
    crate::children::reset();
    crate::natives::reset();
    crate::channels::reset();
    super::strings::reset();
    sites::reset();
    super::stacks::reset();
    unrecorded::reset();
    strands::reset();
    crate::hooks::reset();
    static AT_FORK: std::sync::Once = std::sync::Once::new();
    AT_FORK.call_once(|| {
        libc::pthread_atfork(None, None, Some(forget_in_child));
    });
    if RECORDINGS.fetch_add(1, Ordering::Relaxed) > 0 {
        adopted::begin();
    }
    begin(spool, birth, memory, lone_reads)?;
    crate::sync::forget_numbers();
    Ok(())
}

unsafe fn begin(spool: &Path, birth: &Birth<'_>, memory: bool, lone_reads: bool) -> io::Result<()> {
    COUNT.fetch_add(1, Ordering::Relaxed);
    *SESSION.get() = Some(Session {
        spool: spool.to_owned(),
        process: birth.process,
        threads: Vec::new(),
        unborn: FxHashMap::default(),
    });
    Entry::new(defs::PROCESS, 4)
        .str(birth.path)
        .uint(u64::from(std::process::id()))
        .str(birth.method)
        .str(birth.name)
        .write();
    crate::reserve::keep_back();
    RECORDING.store(true, Ordering::SeqCst);
    MEMORY.store(memory, Ordering::SeqCst);
    let always = lone_reads || crate::hooks::shared::active();
    alone::begin(birth.process == FIRST, always);
    let mut row = ThreadRow::new(birth.path.to_owned(), "MainThread", 0);
    row.daemon = birth.daemon;
    if !birth.object.is_empty() {
        row.object = super::identity::shared(birth.object);
    }
    let (thread, object) = define_thread(row, "Thread");
    enter_thread(thread).map_err(io::Error::from_raw_os_error)?;
    super::event(ops::BEGIN, object, 0, 0, 0);
    Ok(())
}

/// A forked child shares the parent's mapped windows: it must not write a single record there.
extern "C" fn forget_in_child() {
    RECORDING.store(false, Ordering::SeqCst);
    MEMORY.store(false, Ordering::SeqCst);
    alone::end();
    delegates::forget_in_child();
    unsafe { defs::close() };
}

/// Ends the recording. Buffers of threads that still run stay mapped, and unused.
///
/// # Safety
/// The GIL is held.
pub unsafe fn stop() {
    if super::recording() {
        page::anchor();
        unrecorded::rest();
        RECORDING.store(false, Ordering::SeqCst);
        MEMORY.store(false, Ordering::SeqCst);
        alone::end();
        leave_thread();
        adopted::expect(Vec::new());
        unsafe { defs::close() };
    }
}

/// The spool cannot take more: the program goes on unrecorded. If the disk is full the reader is
/// told; if the run is over, the reader has its trace.
#[cold]
pub fn fail(errno: i32) {
    RECORDING.store(false, Ordering::SeqCst);
    MEMORY.store(false, Ordering::SeqCst);
    alone::end();
    crate::reserve::give_back();
    if !page::is_over() {
        unsafe { page::page() }
            .failed
            .store(errno as u64, Ordering::Relaxed);
    }
}

/// Whether what this process makes from now on can be of the trace.
pub fn goes_on() -> bool {
    super::recording() && !page::is_over()
}

/// The object that stands for the thread is made, unless the row has it.
unsafe fn define_thread(mut row: ThreadRow, kind: &str) -> (u32, u32) {
    let Some(session) = SESSION.get() else {
        return (0, 0);
    };
    let thread = session.threads.len() as u32 + 1;
    SEVERAL.store(thread > 1, Ordering::Relaxed);
    row.write(thread);
    if row.object == 0 {
        row.object = super::identity::define_object(kind, &row.name, thread, 0);
    } else {
        super::identity::is_thread(row.object, thread);
    }
    let object = row.object;
    session.threads.spare();
    session.threads.push(row);
    (thread, object)
}

impl ThreadRow {
    fn new(path: String, name: &str, parent: u32) -> ThreadRow {
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
        Entry::new(defs::THREAD, 6)
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
pub unsafe fn new_thread(name: &str, daemon: bool, kind: &str, internal: bool) -> (u32, u32) {
    if !super::recording() {
        return (0, 0);
    }
    let parent = current_thread();
    let Some(row) = maker() else { return (0, 0) };
    row.children += 1;
    let path = format!("{}.{}", row.path, row.children);
    let mut row = ThreadRow::new(path, name, parent);
    row.daemon = daemon;
    row.internal = internal;
    let (thread, object) = define_thread(row, kind);
    alone::starts(thread);
    crate::schedule::bear(thread);
    (thread, object)
}

/// Numbers the calling thread, one of the standard library's that was not recorded so far: (thread
/// id, object id). It serves a thread of some process, whose name for that is told (see
/// `next_served`) and makes its path: which of such threads comes first is chance.
///
/// # Safety
/// The GIL is held.
pub unsafe fn late_thread(name: &str, daemon: bool, kind: &str, serves: &str) -> (u32, u32) {
    if !super::recording() {
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
    let (thread, object) = define_thread(row, kind);
    alone::no_more();
    crate::schedule::appear(thread);
    (thread, object)
}

/// Numbers the threads that are older than the recording, which are known by their idents, names and
/// kinds and by whether they are daemons: (thread id, object id) of each. They are recorded from
/// their first event on.
///
/// # Safety
/// The GIL is held.
pub unsafe fn adopt_threads(threads: &[(u64, String, bool, String)]) -> Vec<(u32, u32)> {
    let mut numbers = Vec::new();
    for (position, (_, name, daemon, kind)) in threads.iter().enumerate() {
        let Some(row) = maker() else { break };
        // Those that it makes are called as without these.
        let path = format!("{}~{}", row.path, position + 1);
        let mut row = ThreadRow::new(path, name, 0);
        row.daemon = *daemon;
        numbers.push(define_thread(row, kind));
    }
    if !numbers.is_empty() {
        alone::no_more();
    }
    for &(_, object) in &numbers {
        super::identity::mention(object);
    }
    let idents = threads.iter().map(|thread| thread.0);
    adopted::expect(idents.zip(numbers.iter().map(|number| number.0)).collect());
    numbers
}

/// What the next thread of a server that serves the calling thread is called by; empty if the calling
/// thread is not recorded.
///
/// # Safety
/// The GIL is held.
pub unsafe fn next_served() -> String {
    let index = (current_thread() as usize).wrapping_sub(1);
    let session = SESSION.get().as_mut();
    let Some(row) = session.and_then(|session| session.threads.get_mut(index)) else {
        return String::new();
    };
    row.servers += 1;
    format!("{}#{}", row.path, row.servers)
}

/// The calling thread's row. A thread that was not started through us has no place in the tree:
/// what it makes hangs off the root.
unsafe fn maker() -> Option<&'static mut ThreadRow> {
    let index = (current_thread() as usize).saturating_sub(1);
    SESSION.get().as_mut()?.threads.get_mut(index)
}

/// Numbers a process that the calling thread is about to make: its path, and the object that
/// stands for it, by its number here.
///
/// # Safety
/// The GIL is held.
pub unsafe fn new_process(name: &str, kind: &str) -> (String, u32) {
    if !super::recording() {
        return (String::new(), 0);
    }
    let Some(row) = maker() else {
        return (String::new(), 0);
    };
    row.processes += 1;
    alone::no_more();
    let path = format!("{}/p{}", row.path, row.processes);
    let site = sites::current_site();
    let object = super::identity::define_object(kind, name, 0, site);
    super::identity::share(object, "");
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
    if super::recording() {
        Entry::new(defs::CHILD, 4)
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
    let own = current_thread();
    let name = format!("p{}.t{own}.p{process}.t{thread}.events", session.process);
    Buffer::open(&session.spool.join(name), own)
        .map_err(fail)
        .ok()
}

/// The index of this process in its spool; 0 if it is not recorded.
///
/// # Safety
/// The GIL is held.
pub unsafe fn process() -> u32 {
    SESSION.get().as_ref().map_or(0, |session| session.process)
}

/// Notes how a child ended, as this process was told by the kernel: an exit status, negative for
/// a signal.
pub fn child_ended(pid: u32, status: i32) {
    if super::recording() {
        Entry::new(defs::ENDED, 2)
            .uint(u64::from(pid))
            .int(i64::from(status))
            .write();
    }
}

/// # Safety
/// The GIL is held.
pub unsafe fn rename_thread(thread: u32, name: &str) {
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
    let thread = current_thread();
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
pub unsafe fn thread_path(thread: u32) -> Option<&'static str> {
    let rows = SESSION.get().as_ref().map(|session| &session.threads)?;
    let row = rows.get((thread as usize).wrapping_sub(1))?;
    Some(&row.path)
}

/// The object id of a thread's Thread object.
///
/// # Safety
/// The GIL is held.
pub unsafe fn thread_object(thread: u32) -> u32 {
    let rows = SESSION.get().as_ref().map(|session| &session.threads);
    rows.and_then(|rows| rows.get((thread as usize).wrapping_sub(1)))
        .map_or(0, |row| row.object)
}

/// Binds the calling OS thread to a thread id. The buffer is open from here to `leave_thread`.
///
/// # Safety
/// The GIL is held.
pub unsafe fn enter_thread(thread: u32) -> Result<(), i32> {
    if !super::recording() || thread == 0 {
        return Ok(());
    }
    let Some(session) = SESSION.get() else {
        return Ok(());
    };
    let name = format!("p{}.t{}.events", session.process, thread);
    match Buffer::open(&session.spool.join(name), thread) {
        Ok(buffer) => {
            buffer::set_current(Box::into_raw(buffer));
            let (ident, native_id) = crate::schedule::idents::own();
            Entry::new(defs::IDENT, 3)
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

pub fn leave_thread() {
    delegates::end();
    let buffer = buffer::current();
    if !buffer.is_null() {
        buffer::set_current(null_mut());
        drop(unsafe { Box::from_raw(buffer) });
        page::anchor();
    }
}

/// The calling thread's id; 0 if it is not recorded.
pub fn current_thread() -> u32 {
    let buffer = buffer::current();
    if buffer.is_null() {
        0
    } else {
        unsafe { (*buffer).thread }
    }
}

/// The number of the calling thread's last event; 0 if it is not recorded.
pub fn last_event() -> u64 {
    let buffer = buffer::current();
    match buffer.is_null() {
        true => 0,
        false => unsafe { (*buffer).last() },
    }
}

/// Goes on recording in a forked child. Its code and objects carry the numbers given in the
/// parent, so its log begins with how far the parent's strings, sites and flows are also its own.
///
/// # Safety
/// The GIL is held, in the only thread of the child.
pub unsafe fn after_fork(birth: &Birth<'_>, memory: bool) -> io::Result<()> {
    let Some((spool, parent)) = SESSION.get().as_ref().map(|s| (s.spool.clone(), s.process)) else {
        return Ok(());
    };
    let log = spool.join(format!("p{}.defs", birth.process));
    defs::open(&log).map_err(io::Error::from_raw_os_error)?;
    Entry::new(defs::INHERITED, 4)
        .uint(u64::from(parent))
        .uint(u64::from(super::strings::count()))
        .uint(u64::from(sites::count()))
        .uint(u64::from(crate::hooks::flows::count()))
        .write();
    page::note_process();
    super::identity::after_fork();
    super::locations::reset();
    super::stacks::reset();
    crate::children::reset();
    crate::natives::reset();
    crate::hooks::after_fork();
    unrecorded::reset();
    strands::reset();
    begin(&spool, birth, memory, false)?;
    crate::schedule::processes::go_on();
    Ok(())
}
