//! Sites: the places in the source where events are made.

use super::defs::Entry;
use super::strings;
use crate::cpython::frames::{keep, walk, with_file_of, Frame, Position};
use crate::cpython::originals;
use crate::gil::{Gil, GilMut};
use crate::reserve::Table;
use crate::spool::format::Definition;
use pyo3::ffi;
use pyo3::Python;
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

fn sites(py: Python<'_>) -> GilMut<'_, Sites> {
    SITES.get_or_insert_with(py, Sites::default)
}

/// Forgets the sites of an earlier recording. The code objects it has seen stay alive.
pub fn reset(py: Python<'_>) {
    SITES.set(py, None);
    RECENT.get(py).fill((Position::default(), 0));
}

/// How many sites there are; their ids go up to this.
pub fn count(py: Python<'_>) -> u32 {
    sites(py).places.len() as u32
}

/// The file and function of a site, as string ids, with its line between them.
///
/// `site` is one.
pub fn place(py: Python<'_>, site: u32) -> [u32; 3] {
    sites(py).places[site as usize - 1]
}

/// Frames of code whose file name starts with one of these are passed over, but for the packages that
/// are installed there.
pub fn set_internal(py: Python<'_>, prefixes: Vec<Vec<u8>>) {
    INTERNAL.set(py, prefixes);
    sites(py).internal.clear();
}

/// The frames of this code are passed over, whatever its file is called.
///
/// # Safety
/// `code` is a code object.
pub unsafe fn pass_over(py: Python<'_>, code: *mut ffi::PyObject) {
    if !PASSED.get(py).contains(&(code as usize)) {
        keep(code as usize);
        PASSED.get(py).push(code as usize);
        sites(py).internal.clear();
    }
}

/// Whether the frames of this code are passed over.
///
/// # Safety
/// `code` is a live code object, which is kept alive from now on.
pub unsafe fn is_internal(py: Python<'_>, code: usize) -> bool {
    let known = sites(py).internal.get(&code).copied();
    if let Some(known) = known {
        return known;
    }
    let is_passed = PASSED.get(py).contains(&code);
    let internal =
        is_passed || with_file_of(code, |name| is_internal_name(py, name)).unwrap_or(true);
    sites(py).internal.insert(code, internal);
    internal
}

/// Whether a file's code is passed over: the interpreter's own, the tool's, what was set.
pub fn is_internal_name(py: Python<'_>, file: &[u8]) -> bool {
    let below = |prefix: &Vec<u8>| {
        let rest = file.strip_prefix(prefix.as_slice());
        rest.is_some_and(|rest| {
            !rest.starts_with(b"site-packages/") && !rest.starts_with(b"dist-packages/")
        })
    };
    file.starts_with(b"<frozen ") || INTERNAL.get(py).iter().any(below)
}

/// The site of the innermost frame that is the program's; 0 if there is none.
#[inline]
pub fn current_site(py: Python<'_>) -> u32 {
    current(py).0
}

/// The same with the frame, which is null where frames cannot be read.
#[inline(always)]
pub fn current(py: Python<'_>) -> (u32, Frame) {
    let mut found = (0, std::ptr::null_mut());
    // SAFETY: the frames are those that run, and keep their code alive.
    unsafe {
        walk(py, |position, frame| {
            found = (at(py, position), frame);
            found.0 != 0
        })
    };
    found
}

/// The site of a place in the code; 0 if it is not the program's.
///
/// # Safety
/// The position is of live code.
#[inline(always)]
pub unsafe fn at(py: Python<'_>, position: Position) -> u32 {
    let index = (position.at as usize >> 1 ^ position.code >> 4) % 256;
    let recent = RECENT.at(py, index);
    if recent.0 == position {
        return recent.1;
    }
    let known = sites(py).by_position.get(&position).copied();
    if let Some(known) = known {
        RECENT.set_at(py, index, (position, known));
        return known;
    }
    let site = if is_internal(py, position.code) {
        0
    } else {
        site_at(py, position)
    };
    if site == 0 {
        // Remembered too: a frame of ours is passed over without looking at its name.
        sites(py).by_position.spare();
        sites(py).by_position.insert(position, 0);
    }
    site
}

/// The site of the innermost frame of the program's in a traceback; 0 if there is none. No exception
/// is set.
///
/// # Safety
/// `trace` is a traceback, None or null.
pub unsafe fn raised_at(py: Python<'_>, trace: *mut ffi::PyObject) -> u32 {
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
            if !is_internal(py, position.code) {
                let known = sites(py).by_position.get(&position).copied();
                site = known.unwrap_or_else(|| site_at(py, position));
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
/// `site` is one.
pub fn called(py: Python<'_>, site: u32, stack: u32) -> u32 {
    let mut sites = sites(py);
    let place = sites.places[site as usize - 1];
    sites.places.spare();
    sites.places.push(place);
    let id = sites.places.len() as u32;
    Entry::new(Definition::Called, 3)
        .uint(u64::from(id))
        .uint(u64::from(site))
        .uint(u64::from(stack))
        .write(py);
    id
}

#[cold]
unsafe fn site_at(py: Python<'_>, position: Position) -> u32 {
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
    let file = attribute_string(py, code, c"co_filename");
    let function = attribute_string(py, code, c"co_qualname");
    let registered = sites(py)
        .registered
        .get(&(file, place[0], place[1]))
        .copied();
    let site =
        registered.unwrap_or_else(|| define(py, file, place, function, 0, false, [&[], &[]]));
    sites(py).by_position.spare();
    sites(py).by_position.insert(position, site);
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

unsafe fn attribute_string(
    py: Python<'_>,
    code: *mut ffi::PyCodeObject,
    name: &std::ffi::CStr,
) -> u32 {
    let value = ffi::PyObject_GetAttrString(code.cast(), name.as_ptr());
    if value.is_null() {
        ffi::PyErr_Clear();
        return 0;
    }
    let id = strings::intern_object(py, value);
    ffi::Py_DECREF(value);
    id
}

fn define(
    py: Python<'_>,
    file: u32,
    [line, column, end_line, end_column]: [u32; 4],
    function: u32,
    text: u32,
    opaque: bool,
    [sources, guards]: [&[u32]; 2],
) -> u32 {
    let mut sites = sites(py);
    sites.places.spare();
    sites.places.push([file, line, function]);
    let site = sites.places.len() as u32;
    let mut entry = Entry::new(Definition::Site, 11).uint(u64::from(site));
    for field in [file, line, column, end_line, end_column, function, text] {
        entry = entry.uint(u64::from(field));
    }
    entry.bool(opaque).ids(sources).ids(guards).write(py);
    site
}

/// What comes of the call at the site does not matter to some of the code that comes after it.
///
/// `site` is one of rewritten code.
pub fn disregard(py: Python<'_>, site: u32) {
    sites(py).disregarded.spare();
    sites(py).disregarded.insert(site);
}

/// Whether code goes on after the call at the site whatever came of it.
pub fn is_disregarded(py: Python<'_>, site: u32) -> bool {
    sites(py).disregarded.contains(&site)
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
pub fn add_site(py: Python<'_>, site: &NewSite) -> u32 {
    let file = strings::intern(py, site.file.as_bytes());
    let function = strings::intern(py, site.function.as_bytes());
    let text = strings::intern(py, site.text.as_bytes());
    let id = define(
        py,
        file,
        site.place,
        function,
        text,
        site.opaque,
        [site.sources, site.guards],
    );
    sites(py)
        .registered
        .insert((file, site.place[0], site.place[1]), id);
    id
}
