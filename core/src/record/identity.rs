//! Numbers for objects and locations. A number belongs to one object for ever: it is retired when
//! the object dies (see `deaths`), before its address can be used again.

use super::defs::Entry;
use super::paged::Paged;
use super::{buffer, sites, state, strings, weak_deaths, worth};
use crate::cpython::deaths;
use crate::gil::{Gil, GilMut};
use crate::reserve::Table;
use crate::spool::format::Definition;
use pyo3::ffi;
use pyo3::Python;
use rustc_hash::FxHashMap;
use std::sync::atomic::{AtomicU32, Ordering};

/// An object's definition, kept because its name may become known later.
#[derive(Clone, Copy)]
pub struct Row {
    pub kind: u32,
    pub label: u32,
    /// Of so many objects with the name `label` this is the last one; 0 if it is called `label`.
    nth: u32,
    pub thread: u32,
    pub index: u32,
    site: u32,
    /// What a shared object is called in every process, a string id; 0 for any other.
    shared: u32,
    /// Whether this process's log has the row.
    written: bool,
    /// Whether nobody asks for it when the object has died.
    passing: bool,
}

#[derive(Default)]
struct Tables {
    numbers: FxHashMap<usize, u32>,
    objects: Paged<Row>,
    /// How many objects were given each name, a string id.
    labels: FxHashMap<u32, u32>,
    per_thread: FxHashMap<(u32, u32), u32>,
    /// The numbers of shared objects, by what they are called in every process.
    by_key: FxHashMap<u32, u32>,
    generation: u64,
}

static TABLES: Gil<Option<Tables>> = Gil::new(None);

/// Who is told of objects by their numbers.
#[derive(Clone, Copy)]
pub struct Listener {
    /// The log did not have the object until now.
    pub again: fn(Python<'_>, u32),
    /// The object has died, and nobody asks for it any more.
    pub forgotten: fn(Python<'_>, u32),
}

static LISTENER: Gil<Option<Listener>> = Gil::new(None);

/// Tells the listener from now on.
pub fn listen(py: Python<'_>, listener: Listener) {
    LISTENER.set(py, Some(listener));
}

/// Of the numbers up to this some are not in the log, and are defined when they are first used: those
/// that were given before the fork that made this process, and go on to mean the same objects, and those
/// of objects that no event has told of yet.
static UNTOLD: AtomicU32 = AtomicU32::new(0);

/// Those that are being told of now, and what lies in them.
static TELLING: Gil<Vec<u32>> = Gil::new(Vec::new());

fn tables(py: Python<'_>) -> GilMut<'_, Tables> {
    TABLES.get_or_insert_with(py, Tables::default)
}

/// Forgets everything: a new recording numbers afresh.
pub fn reset(py: Python<'_>) {
    let generation = tables(py).generation + 1;
    *tables(py) = Tables {
        generation,
        ..Tables::default()
    };
    UNTOLD.store(0, Ordering::Relaxed);
    weak_deaths::reset(py);
}

/// In a forked child: the objects keep their numbers and names, but are this process's own.
pub fn after_fork(py: Python<'_>) {
    let mut tables = tables(py);
    tables.generation += 1;
    for row in tables.objects.rows_mut() {
        row.written = false;
        // The threads that made them are not this process's.
        row.thread = 0;
    }
    UNTOLD.store(tables.objects.count(), Ordering::Relaxed);
}

/// To be called before a number goes into the log.
#[inline(always)]
pub fn mention(py: Python<'_>, id: u32) {
    if id <= UNTOLD.load(Ordering::Relaxed) {
        mention_untold(py, id);
    }
}

/// There is more to be said of the object, when it is next used.
///
/// `id` is an object's.
pub fn untell(py: Python<'_>, id: u32) {
    if let Some(row) = tables(py).objects.get_mut(id) {
        row.written = false;
        UNTOLD.fetch_max(id, Ordering::Relaxed);
    }
}

#[inline(never)]
fn mention_untold(py: Python<'_>, id: u32) {
    {
        let mut tables = tables(py);
        let row = tables.objects.get_mut(id);
        let Some(row) = row.filter(|row| !row.written) else {
            return;
        };
        row.write(py, id);
    }
    // Where it lies, and where that does: as long as a linked list may be.
    let is_first = {
        let mut telling = TELLING.get(py);
        telling.spare();
        telling.push(id);
        telling.len() == 1
    };
    if is_first {
        let mut next = 0;
        loop {
            let Some(id) = TELLING.get(py).get(next).copied() else {
                break;
            };
            if let Some(listener) = LISTENER.copied(py) {
                (listener.again)(py, id);
            }
            next += 1;
        }
        TELLING.get(py).clear();
    }
}

/// Notices the deaths of objects from now on.
pub fn install(py: Python<'_>) {
    deaths::listen(py, retire);
    deaths::install(py);
}

fn retire(py: Python<'_>, address: usize) {
    let forgotten = tables(py).retire(address);
    if let Some(id) = forgotten {
        if let Some(listener) = LISTENER.copied(py) {
            (listener.forgotten)(py, id);
        }
    }
}

/// Changes whenever a numbered object dies, so that (address, generation) names one object.
#[inline(always)]
pub fn generation(py: Python<'_>) -> u64 {
    TABLES.get_some(py).map_or(0, |tables| tables.generation)
}

/// The number of an object if it has one, else 0.
///
/// # Safety
/// What it is given is live.
#[inline]
pub unsafe fn known(py: Python<'_>, object: *mut ffi::PyObject) -> u32 {
    if !deaths::asked(py, object as usize) {
        return 0;
    }
    tables(py)
        .numbers
        .get(&(object as usize))
        .copied()
        .unwrap_or(0)
}

/// The number of a container or instance, given at first sight; 0 if its death would go unnoticed.
///
/// # Safety
/// `object` is live.
#[inline]
pub unsafe fn object_id(py: Python<'_>, object: *mut ffi::PyObject) -> u32 {
    match known(py, object) {
        0 => number(py, object),
        id => id,
    }
}

/// The number of a value that was read or stored: one that may be accessed in its turn is given one.
///
/// # Safety
/// As of `object_id`.
#[inline]
pub unsafe fn met(py: Python<'_>, object: *mut ffi::PyObject) -> u32 {
    match known(py, object) {
        0 if worth::numbering(py, ffi::Py_TYPE(object)) => number(py, object),
        id => id,
    }
}

/// As `met`, for an object that no event tells of: the log gets its number when one does.
///
/// # Safety
/// As of `object_id`.
#[inline]
pub unsafe fn met_untold(py: Python<'_>, object: *mut ffi::PyObject) -> u32 {
    match known(py, object) {
        0 if worth::numbering(py, ffi::Py_TYPE(object)) => untold(py, object),
        id => id,
    }
}

/// As `object_id`, for an object that no event tells of.
///
/// # Safety
/// As of `object_id`.
#[inline]
pub unsafe fn untold(py: Python<'_>, object: *mut ffi::PyObject) -> u32 {
    match known(py, object) {
        0 => {
            let id = new_number(py, object);
            untell(py, id);
            id
        }
        id => id,
    }
}

#[inline(never)]
unsafe fn number(py: Python<'_>, object: *mut ffi::PyObject) -> u32 {
    let id = new_number(py, object);
    if let Some(row) = tables(py).objects.get_mut(id) {
        row.write(py, id);
    }
    id
}

unsafe fn new_number(py: Python<'_>, object: *mut ffi::PyObject) -> u32 {
    let watched = deaths::watches(ffi::Py_TYPE(object));
    if !watched && !weak_deaths::watch(py, object) {
        return 0;
    }
    let kind = strings::type_name(py, object);
    let thread = buffer::thread();
    let mut row = tables(py).new_row(kind, 0, thread, 0);
    row.passing = true;
    let id = tables(py).objects.push(row);
    bind(py, object, id);
    id
}

/// Gives the object at an address a number that was defined before.
///
/// # Safety
/// The type is one that `deaths` watches, or the object never dies.
pub unsafe fn bind(py: Python<'_>, object: *mut ffi::PyObject, id: u32) {
    deaths::ask(py, object as usize);
    tables(py).numbers.spare();
    tables(py).numbers.insert(object as usize, id);
}

/// A number for an object whose death goes unnoticed, so that what is in it has a place. The object
/// does not get it.
///
/// # Safety
/// As of `object_id`.
pub unsafe fn stand_in(py: Python<'_>, object: *mut ffi::PyObject) -> u32 {
    let kind = strings::type_name(py, object);
    define(py, kind, 0, buffer::thread(), 0)
}

fn define(py: Python<'_>, kind: u32, label: u32, thread: u32, site: u32) -> u32 {
    let mut tables = tables(py);
    let row = tables.new_row(kind, label, thread, site);
    tables.put(py, row)
}

impl Tables {
    fn new_row(&mut self, kind: u32, label: u32, thread: u32, site: u32) -> Row {
        let index = self.per_thread.entry((thread, kind)).or_insert(0);
        *index += 1;
        Row {
            kind,
            label,
            nth: 0,
            thread,
            index: *index,
            site,
            shared: 0,
            written: false,
            passing: false,
        }
    }

    /// The object at the address has died: its number, if nobody asks for it any more.
    fn retire(&mut self, address: usize) -> Option<u32> {
        let id = self.numbers.remove(&address)?;
        self.generation += 1;
        let is_passing = self.objects.get(id).is_some_and(|row| row.passing);
        is_passing.then(|| {
            self.objects.remove(id);
            id
        })
    }

    fn put(&mut self, py: Python<'_>, row: Row) -> u32 {
        let id = self.objects.push(row);
        if let Some(row) = self.objects.get_mut(id) {
            row.write(py, id);
        }
        id
    }
}

impl Row {
    /// Makes the label what the object is called.
    fn complete(&mut self, py: Python<'_>) {
        if self.nth != 0 {
            let name = String::from_utf8_lossy(strings::get(py, self.label));
            self.label = strings::intern(py, format!("{name}#{}", self.nth).as_bytes());
            self.nth = 0;
        }
    }

    fn write(&mut self, py: Python<'_>, id: u32) {
        self.complete(py);
        self.written = true;
        let fields = [
            id,
            self.kind,
            self.label,
            self.thread,
            self.index,
            self.site,
        ];
        let entry = Entry::new(Definition::Object, fields.len() as u32);
        fields
            .iter()
            .fold(entry, |entry, &field| entry.uint(u64::from(field)))
            .write(py);
        if self.shared != 0 {
            Entry::new(Definition::Shared, 2)
                .uint(u64::from(id))
                .uint(u64::from(self.shared))
                .write(py);
        }
    }
}

/// Makes an object one that processes share; returns what it is called in all of them: `key`, or
/// if that is empty, a name after this process.
///
/// `id` is an object's.
pub fn share(py: Python<'_>, id: u32, key: &str) -> &'static [u8] {
    let tables = &mut *tables(py);
    let Some(row) = tables.objects.get_mut(id) else {
        return &[];
    };
    row.passing = false;
    if row.shared == 0 {
        row.shared = if key.is_empty() {
            strings::intern(py, format!("{}:{id}", state::process()).as_bytes())
        } else {
            strings::intern(py, key.as_bytes())
        };
        tables.by_key.spare();
        tables.by_key.insert(row.shared, id);
        row.write(py, id);
    }
    strings::get(py, row.shared)
}

/// What a shared object is called in every process; empty for any other.
///
/// `id` is an object's.
pub fn key(py: Python<'_>, id: u32) -> &'static [u8] {
    strings::get(py, tables(py).objects.get(id).map_or(0, |row| row.shared))
}

/// The number in this process of the shared object with this key.
pub fn shared(py: Python<'_>, key: &str) -> u32 {
    let key = strings::intern(py, key.as_bytes());
    if let Some(&id) = tables(py).by_key.get(&key) {
        return id;
    }
    tables(py).by_key.spare();
    let id = tables(py).put(
        py,
        Row {
            kind: 0,
            label: 0,
            nth: 0,
            thread: 0,
            index: 0,
            site: 0,
            shared: key,
            written: false,
            passing: false,
        },
    );
    tables(py).by_key.insert(key, id);
    id
}

/// Says of an object that stands for a thread which one it is.
///
/// `id` is an object's.
pub fn is_thread(py: Python<'_>, id: u32, thread: u32) {
    if let Some(row) = tables(py).objects.get_mut(id) {
        row.thread = thread;
        row.write(py, id);
    }
}

/// Names an object after the variable it is assigned to, unless it has a name. The second object
/// of a name gets `name#2`.
///
/// `id` is an object's.
pub fn label(py: Python<'_>, id: u32, text: &str) {
    let tables = &mut *tables(py);
    let Some(row) = tables.objects.get_mut(id).filter(|row| row.label == 0) else {
        return;
    };
    row.label = strings::intern(py, text.as_bytes());
    tables.labels.spare();
    let count = tables.labels.entry(row.label).or_insert(0);
    *count += 1;
    // Most objects of which there are many are in no event, and nobody asks for their names.
    row.nth = if *count == 1 { 0 } else { *count };
    if row.written {
        row.write(py, id);
    }
}

/// Whether an object was named.
///
/// `id` is an object's.
pub fn labelled(py: Python<'_>, id: u32) -> bool {
    tables(py).objects.get(id).is_some_and(|row| row.label != 0)
}

/// Defines a primitive: kind ("Lock"), label (the variable; may be empty), thread, site.
pub fn define_object(py: Python<'_>, kind: &str, label: &str, thread: u32, site: u32) -> u32 {
    let kind = strings::intern(py, kind.as_bytes());
    define(
        py,
        kind,
        strings::intern(py, label.as_bytes()),
        thread,
        site,
    )
}

/// Defines a primitive that the calling thread makes here.
pub fn define_here(py: Python<'_>, kind: &str, label: &str) -> u32 {
    define_object(py, kind, label, buffer::thread(), sites::current_site(py))
}

/// The definition of an object of this process.
pub fn row(py: Python<'_>, id: u32) -> Option<Row> {
    let mut tables = tables(py);
    let row = tables.objects.get_mut(id)?;
    row.complete(py);
    Some(*row)
}

/// Whether the object is known: it has not died, or somebody may ask for it yet.
pub fn is_known(py: Python<'_>, id: u32) -> bool {
    tables(py).objects.get(id).is_some()
}
