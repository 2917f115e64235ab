//! Who called the code that makes an event. Each event's site is that of the line, or, where code of the
//! program called that of the line, a site of its own for the line and these callers: so what is shown of
//! an event is what was so when it was made, and the record is no longer for it.
//!
//! At each event the instructions of the calling frames are gone through, two loads a frame, up to one
//! that only the standard library's frames are below (`threading.Thread.run`): it does not return while
//! the thread lasts. What they are together is looked up by a number made of them.

use super::buffer::{self, Buffer, Calls};
use super::defs::Entry;
use super::sites;
use crate::cpython::frames::{self, Frame};
use crate::gil::Gil;
use crate::reserve::Table;
use crate::spool::format::Definition;
use pyo3::Python;
use rustc_hash::FxHashMap;

/// How many frames are gone through, and how many stacks, and lines with them, a process keeps apart.
const DEPTH: usize = 16;
const MOST: usize = 1 << 16;

#[derive(Default)]
struct Stacks {
    by_hash: FxHashMap<u64, u32>,
    by_sites: FxHashMap<Vec<u32>, u32>,
    /// The sites that stand for a site with a stack.
    called: FxHashMap<(u32, u32), u32>,
}

static STACKS: Gil<Option<Stacks>> = Gil::new(None);

/// What was last found in `Stacks::called`, in the place that both have by their bits.
static RECENT: Gil<[(u32, u32, u32); 256]> = Gil::new([(0, 0, 0); 256]);

/// Forgets everything: a new recording, or a forked child, which numbers its stacks afresh.
pub fn reset(py: Python<'_>) {
    STACKS.set(py, None);
    RECENT.get(py).fill((0, 0, 0));
}

/// The site of an event that the innermost frame's code makes at `site`.
///
/// The buffer is the calling thread's.
#[inline(always)]
pub fn here(py: Python<'_>, buffer: &mut Buffer, site: u32) -> u32 {
    // SAFETY: the buffer is the calling thread's own, and nobody else has a reference to it.
    unsafe { within(py, buffer, site, frames::innermost(py)) }
}

/// The same of two events.
#[inline(always)]
pub fn both_here(py: Python<'_>, buffer: &mut Buffer, sites: [u32; 2]) -> [u32; 2] {
    let frame = frames::innermost(py);
    if frame.is_null() || buffer.site != buffer::OWN {
        return sites;
    }
    // SAFETY: the frames are those that run, and keep their code alive.
    unsafe {
        match stack(py, &mut buffer.calls, frames::caller_of(frame)) {
            0 => sites,
            stack => sites.map(|site| match site {
                0 => 0,
                site => called(py, site, stack),
            }),
        }
    }
}

/// The site of an event that the code of the frame makes at `site`.
///
/// # Safety
/// As of `here`; the frame is on the thread's stack, or null.
#[inline(always)]
pub unsafe fn within(py: Python<'_>, buffer: &mut Buffer, site: u32, frame: Frame) -> u32 {
    if frame.is_null() || site == 0 || buffer.site != buffer::OWN {
        return site;
    }
    match stack(py, &mut buffer.calls, frames::caller_of(frame)) {
        0 => site,
        stack => called(py, site, stack),
    }
}

#[inline(always)]
unsafe fn is_root(calls: &Calls, frame: Frame) -> bool {
    frame.is_null() || frame as usize == calls.root && frames::code_of(frame) == calls.root_code
}

/// The stack from this frame on; 0 if nothing in it is the program's.
#[inline(always)]
unsafe fn stack(py: Python<'_>, calls: &mut Calls, frame: Frame) -> u32 {
    if is_root(calls, frame) {
        return 0;
    }
    let mut hash = 0u64;
    let mut at = frame;
    for _ in 0..DEPTH {
        hash = (hash ^ frames::instruction(at) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hash ^= hash >> 32;
        at = frames::caller_of(at);
        if is_root(calls, at) {
            break;
        }
    }
    if hash != calls.hash {
        (calls.hash, calls.stack) = (hash, find(py, calls, frame, hash));
    }
    calls.stack
}

#[inline(never)]
unsafe fn find(py: Python<'_>, calls: &mut Calls, frame: Frame, hash: u64) -> u32 {
    if !calls.is_rooted {
        learn_root(py, calls, frame);
    }
    let mut stacks = STACKS.get_or_insert_with(py, Stacks::default);
    match stacks.by_hash.get(&hash) {
        Some(&stack) => stack,
        None if stacks.by_hash.len() >= MOST => 0,
        None => {
            let stack = define(py, &mut stacks, calls, frame);
            stacks.by_hash.spare();
            stacks.by_hash.insert(hash, stack);
            stack
        }
    }
}

/// Finds the outermost of the calling frames that only the standard library's are below.
#[cold]
unsafe fn learn_root(py: Python<'_>, calls: &mut Calls, frame: Frame) {
    let mut root = frame;
    let mut at = frame;
    while !at.is_null() {
        let position = frames::position(at);
        at = frames::caller_of(at);
        if sites::at(py, position) != 0 {
            root = at;
        }
    }
    calls.is_rooted = true;
    if !root.is_null() {
        (calls.root, calls.root_code) = (root as usize, frames::code_of(root));
    }
}

#[cold]
unsafe fn define(py: Python<'_>, stacks: &mut Stacks, calls: &Calls, mut frame: Frame) -> u32 {
    let mut found = Vec::new();
    for _ in 0..DEPTH {
        if is_root(calls, frame) {
            break;
        }
        let position = frames::position(frame);
        // The code stays alive, so that no other gets its address.
        frames::keep(position.code);
        match sites::at(py, position) {
            0 => {}
            site => found.push(site),
        }
        frame = frames::caller_of(frame);
    }
    if found.is_empty() {
        return 0;
    }
    let next = stacks.by_sites.len() as u32 + 1;
    stacks.by_sites.spare();
    let stack = *stacks.by_sites.entry(found.clone()).or_insert(next);
    if stack == next {
        let entry = Entry::new(Definition::Stack, 2).uint(u64::from(stack));
        entry.ids(&found).write(py);
    }
    stack
}

#[inline(always)]
fn called(py: Python<'_>, site: u32, stack: u32) -> u32 {
    let index = (site ^ stack.wrapping_mul(37)) as usize % 256;
    let recent = RECENT.at(py, index);
    if (recent.0, recent.1) == (site, stack) {
        return recent.2;
    }
    let found = find_called(py, site, stack);
    RECENT.set_at(py, index, (site, stack, found));
    found
}

#[inline(never)]
fn find_called(py: Python<'_>, site: u32, stack: u32) -> u32 {
    let mut stacks = STACKS.get_or_insert_with(py, Stacks::default);
    let called = &mut stacks.called;
    match called.get(&(site, stack)) {
        Some(&known) => known,
        None if called.len() >= MOST => site,
        None => {
            let id = sites::called(py, site, stack);
            called.spare();
            called.insert((site, stack), id);
            id
        }
    }
}
