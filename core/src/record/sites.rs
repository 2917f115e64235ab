//! Sites: the places in the source where events are made.

use super::defs::Entry;
use super::strings;
use crate::cpython::frames::{keep, walk, with_file_of, Frame, Position};
use crate::cpython::originals;
use crate::gil::Gil;
use crate::reserve::Table;
use crate::spool::format::Definition;
use pyo3::ffi;
use rustc_hash::{FxHashMap, FxHashSet};

#[derive(Default)]
struct Sites {
    /// File, line and function of each, row i that of site i + 1.
    places: Vec<[u32; 3]>,
    /// Sites that the rewriter registered, by (file, line, column).
    registered: FxHashMap<(u32, u32, u32), u32>,
    by_position: FxHashMap<Position, u32>,
    internal: FxHashMap<usize, bool>,
    /// Calls that may end in vain, and after which code goes on regardless.
    disregarded: FxHashSet<u32>,
}

static SITES: Gil<Option<Sites>> = Gil::new(None);
static INTERNAL: Gil<Vec<Vec<u8>>> = Gil::new(Vec::new());
static PASSED: Gil<Vec<usize>> = Gil::new(Vec::new());

/// What was last found in `Sites::by_position`, in the place that the position has by its bits.
static RECENT: Gil<[(Position, u32); 256]> = Gil::new([(Position { code: 0, at: 0 }, 0); 256]);

unsafe fn sites() -> &'static mut Sites {
    SITES.get().get_or_insert_with(Sites::default)
}

/// Forgets the sites of an earlier recording. The code objects it has seen stay alive.
///
/// # Safety
/// The GIL is held.
pub unsafe fn reset() {
    *SITES.get() = None;
    RECENT.get().fill((Position::default(), 0));
}

/// How many sites there are; their ids go up to this.
///
/// # Safety
/// The GIL is held.
pub unsafe fn count() -> u32 {
    sites().places.len() as u32
}

/// The file and function of a site, as string ids, with its line between them.
///
/// # Safety
/// The GIL is held; `site` is one.
pub unsafe fn place(site: u32) -> [u32; 3] {
    sites().places[site as usize - 1]
}

/// Frames of code whose file name starts with one of these are passed over, but for the packages that
/// are installed there.
///
/// # Safety
/// The GIL is held.
pub unsafe fn set_internal(prefixes: Vec<Vec<u8>>) {
    *INTERNAL.get() = prefixes;
    sites().internal.clear();
}

/// The frames of this code are passed over, whatever its file is called.
///
/// # Safety
/// The GIL is held; `code` is a code object.
pub unsafe fn pass_over(code: *mut ffi::PyObject) {
    if !PASSED.get().contains(&(code as usize)) {
        keep(code as usize);
        PASSED.get().push(code as usize);
        sites().internal.clear();
    }
}

/// Whether the frames of this code are passed over.
///
/// # Safety
/// The GIL is held; `code` is a live code object, which is kept alive from now on.
pub unsafe fn is_internal(code: usize) -> bool {
    if let Some(&known) = sites().internal.get(&code) {
        return known;
    }
    let internal = PASSED.get().contains(&code)
        || with_file_of(code, |name| is_internal_name(name)).unwrap_or(true);
    sites().internal.insert(code, internal);
    internal
}

/// Whether a file's code is passed over: the interpreter's own, the tool's, what was set.
///
/// # Safety
/// The GIL is held.
pub unsafe fn is_internal_name(file: &[u8]) -> bool {
    let below = |prefix: &Vec<u8>| {
        let rest = file.strip_prefix(prefix.as_slice());
        rest.is_some_and(|rest| {
            !rest.starts_with(b"site-packages/") && !rest.starts_with(b"dist-packages/")
        })
    };
    file.starts_with(b"<frozen ") || INTERNAL.get().iter().any(below)
}

/// The site of the innermost frame that is the program's; 0 if there is none.
///
/// # Safety
/// The GIL is held.
#[inline]
pub unsafe fn current_site() -> u32 {
    current().0
}

/// The same with the frame, which is null where frames cannot be read.
///
/// # Safety
/// As of `current_site`.
#[inline(always)]
pub unsafe fn current() -> (u32, Frame) {
    let mut found = (0, std::ptr::null_mut());
    walk(|position, frame| {
        found = (at(position), frame);
        found.0 != 0
    });
    found
}

/// The site of a place in the code; 0 if it is not the program's.
///
/// # Safety
/// The GIL is held; the position is of live code.
#[inline(always)]
pub unsafe fn at(position: Position) -> u32 {
    let recent = &mut RECENT.get()[(position.at as usize >> 1 ^ position.code >> 4) % 256];
    if recent.0 == position {
        return recent.1;
    }
    if let Some(&known) = sites().by_position.get(&position) {
        *recent = (position, known);
        return known;
    }
    let site = if is_internal(position.code) {
        0
    } else {
        site_at(position)
    };
    if site == 0 {
        // Remembered too: a frame of ours is passed over without looking at its name.
        sites().by_position.spare();
        sites().by_position.insert(position, 0);
    }
    site
}

/// The site of the innermost frame of the program's in a traceback; 0 if there is none. No exception
/// is set.
///
/// # Safety
/// The GIL is held; `trace` is a traceback, None or null.
pub unsafe fn raised_at(trace: *mut ffi::PyObject) -> u32 {
    let mut site = 0;
    let mut next = trace;
    ffi::Py_XINCREF(next);
    while !next.is_null() && ffi::PyTraceBack_Check(next) != 0 {
        let get = |name: &std::ffi::CStr| ffi::PyObject_GetAttrString(next, name.as_ptr());
        let (frame, inner) = (get(c"tb_frame"), get(c"tb_next"));
        let at = originals::place_in_traceback(next);
        if !frame.is_null() && !at.is_null() {
            let code = ffi::PyFrame_GetCode(frame.cast());
            let position = Position {
                code: code as usize,
                at: ffi::PyLong_AsLong(at) as i32,
            };
            if !is_internal(position.code) {
                let known = sites().by_position.get(&position).copied();
                site = known.unwrap_or_else(|| site_at(position));
            }
            ffi::Py_DECREF(code.cast());
        }
        ffi::Py_XDECREF(frame);
        ffi::Py_XDECREF(at);
        ffi::Py_DECREF(next);
        next = inner;
    }
    ffi::Py_XDECREF(next);
    ffi::PyErr_Clear();
    site
}

/// A site of its own for what is done at the site by these callers (see `stacks`).
///
/// # Safety
/// The GIL is held; `site` is one.
pub unsafe fn called(site: u32, stack: u32) -> u32 {
    let sites = sites();
    let place = sites.places[site as usize - 1];
    sites.places.spare();
    sites.places.push(place);
    let id = sites.places.len() as u32;
    Entry::new(Definition::Called, 3)
        .uint(u64::from(id))
        .uint(u64::from(site))
        .uint(u64::from(stack))
        .write();
    id
}

#[cold]
unsafe fn site_at(position: Position) -> u32 {
    let code = position.code as *mut ffi::PyCodeObject;
    let (mut line, mut column, mut end_line, mut end_column) = (0, 0, 0, 0);
    PyCode_Addr2Location(
        code,
        position.at,
        &mut line,
        &mut column,
        &mut end_line,
        &mut end_column,
    );
    let place = [line, column + 1, end_line, end_column + 1].map(|n| n.max(0) as u32);
    let file = attribute_string(code, c"co_filename");
    let function = attribute_string(code, c"co_qualname");
    let registered = sites().registered.get(&(file, place[0], place[1])).copied();
    let site = registered.unwrap_or_else(|| define(file, place, function, 0, false, &[], &[]));
    sites().by_position.spare();
    sites().by_position.insert(position, site);
    keep(position.code);
    site
}

extern "C" {
    fn PyCode_Addr2Location(
        code: *mut ffi::PyCodeObject,
        offset: i32,
        line: *mut i32,
        column: *mut i32,
        end_line: *mut i32,
        end_column: *mut i32,
    ) -> i32;
}

unsafe fn attribute_string(code: *mut ffi::PyCodeObject, name: &std::ffi::CStr) -> u32 {
    let value = ffi::PyObject_GetAttrString(code.cast(), name.as_ptr());
    if value.is_null() {
        ffi::PyErr_Clear();
        return 0;
    }
    let id = strings::intern_object(value);
    ffi::Py_DECREF(value);
    id
}

fn define(
    file: u32,
    [line, column, end_line, end_column]: [u32; 4],
    function: u32,
    text: u32,
    opaque: bool,
    sources: &[u32],
    guards: &[u32],
) -> u32 {
    let sites = unsafe { sites() };
    sites.places.spare();
    sites.places.push([file, line, function]);
    let site = sites.places.len() as u32;
    let mut entry = Entry::new(Definition::Site, 11).uint(u64::from(site));
    for field in [file, line, column, end_line, end_column, function, text] {
        entry = entry.uint(u64::from(field));
    }
    entry.bool(opaque).ids(sources).ids(guards).write();
    site
}

/// What comes of the call at the site does not matter to some of the code that comes after it.
///
/// # Safety
/// The GIL is held; `site` is one of rewritten code.
pub unsafe fn disregard(site: u32) {
    sites().disregarded.spare();
    sites().disregarded.insert(site);
}

/// Whether code goes on after the call at the site whatever came of it.
///
/// # Safety
/// The GIL is held.
pub unsafe fn is_disregarded(site: u32) -> bool {
    sites().disregarded.contains(&site)
}

/// What the rewriter knows of a place in the source.
pub struct NewSite<'a> {
    pub file: &'a str,
    /// Line, column, end line, end column, from 1.
    pub place: [u32; 4],
    pub function: &'a str,
    pub text: &'a str,
    pub opaque: bool,
    pub sources: &'a [u32],
    pub guards: &'a [u32],
}

/// Defines a site of rewritten code and returns its id.
///
/// # Safety
/// The GIL is held.
pub unsafe fn add_site(site: &NewSite) -> u32 {
    let file = strings::intern(site.file.as_bytes());
    let function = strings::intern(site.function.as_bytes());
    let text = strings::intern(site.text.as_bytes());
    let id = define(
        file,
        site.place,
        function,
        text,
        site.opaque,
        site.sources,
        site.guards,
    );
    sites()
        .registered
        .insert((file, site.place[0], site.place[1]), id);
    id
}
