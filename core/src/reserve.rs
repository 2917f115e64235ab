//! Memory that is left for the recorder when there is none: the program may handle its MemoryError, and
//! none of our allocations may end it. The recording stops then, and says so.
//!
//! Tables that grow with the run have `spare` room before they need it, and so stop the recording
//! in time. Small allocations come from a reserve where the system has none left.

use rustc_hash::{FxHashMap, FxHashSet};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::hash::Hash;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::OnceLock;

/// So many rows fit into a table when the recording stops: more than an operation that has begun adds.
const SPARE: usize = 256;

/// Bytes of the reserve. They are never given back.
const SIZE: usize = 1 << 20;
const ALIGNMENT: usize = 16;

#[repr(align(16))]
struct Reserve(UnsafeCell<[u8; SIZE]>);

// SAFETY: each byte is given to one caller alone.
unsafe impl Sync for Reserve {}

static RESERVE: Reserve = Reserve(UnsafeCell::new([0; SIZE]));
static USED: AtomicUsize = AtomicUsize::new(0);

fn is_reserve(memory: *mut u8) -> bool {
    (memory as usize).wrapping_sub(RESERVE.0.get() as usize) < SIZE
}

/// Null if the reserve is used up, too.
#[cold]
fn from_reserve(layout: Layout) -> *mut u8 {
    out_of_room();
    let size = layout.size().next_multiple_of(ALIGNMENT);
    if layout.align() > ALIGNMENT || size > SIZE {
        return null_mut();
    }
    let start = USED.fetch_add(size, Ordering::Relaxed);
    match start.checked_add(size) {
        // SAFETY: it is below the size.
        Some(end) if end <= SIZE => unsafe { RESERVE.0.get().cast::<u8>().add(start) },
        _ => null_mut(),
    }
}

/// Bytes that the program gets when the recording stops: what we took last may be what it needs to
/// handle its MemoryError.
const KEPT_BACK: usize = 256 << 10;

static FOR_PROGRAM: AtomicPtr<c_void> = AtomicPtr::new(null_mut());

/// The recording begins.
pub fn keep_back() {
    if FOR_PROGRAM.load(Ordering::Relaxed).is_null() {
        // SAFETY: it is given back once, by `free`.
        let memory = unsafe { libc::malloc(KEPT_BACK) };
        let before = FOR_PROGRAM.swap(memory, Ordering::AcqRel);
        // SAFETY: it came from `malloc`, or is null.
        unsafe { libc::free(before) };
    }
}

/// The recording has stopped.
pub fn give_back() {
    // SAFETY: it came from `malloc`, or is null.
    unsafe { libc::free(FOR_PROGRAM.swap(null_mut(), Ordering::AcqRel)) };
}

/// The system's allocator, and the reserve.
pub struct Allocator;

// SAFETY: all that it gives is aligned, large enough and nobody else's.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let memory = System.alloc(layout);
        match memory.is_null() {
            true => from_reserve(layout),
            false => memory,
        }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        if !is_reserve(memory) {
            System.dealloc(memory, layout);
        }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !is_reserve(memory) {
            let moved = System.realloc(memory, layout, size);
            if !moved.is_null() {
                return moved;
            }
        }
        let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
        if !new.is_null() {
            new.copy_from_nonoverlapping(memory, layout.size().min(size));
            self.dealloc(memory, layout);
        }
        new
    }
}

/// A table that grows with the run.
pub trait Table {
    /// Makes sure that there is room for what an operation adds; else the recording stops, and there
    /// still is for the one that has begun. Whether there is for one row.
    fn spare(&mut self) -> bool;
}

/// What is called where there is no room any more.
static WITHOUT_ROOM: OnceLock<fn()> = OnceLock::new();

/// Has `stop` called, on any thread, where there is no room any more. Only the first call counts.
pub fn when_out_of_room(stop: fn()) {
    let _ = WITHOUT_ROOM.set(stop);
}

#[cold]
fn out_of_room() {
    if let Some(stop) = WITHOUT_ROOM.get() {
        stop();
    }
}

impl<T> Table for Vec<T> {
    #[inline]
    fn spare(&mut self) -> bool {
        if self.capacity() - self.len() < SPARE && self.try_reserve(SPARE).is_err() {
            out_of_room();
        }
        self.capacity() > self.len()
    }
}

impl<K: Eq + Hash, V> Table for FxHashMap<K, V> {
    #[inline]
    fn spare(&mut self) -> bool {
        if self.capacity() - self.len() < SPARE && self.try_reserve(SPARE).is_err() {
            out_of_room();
        }
        self.capacity() > self.len()
    }
}

impl<K: Eq + Hash> Table for FxHashSet<K> {
    #[inline]
    fn spare(&mut self) -> bool {
        if self.capacity() - self.len() < SPARE && self.try_reserve(SPARE).is_err() {
            out_of_room();
        }
        self.capacity() > self.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_has_not_comes_from_the_reserve() {
        let layout = Layout::from_size_align(100, 8).unwrap();
        let first = from_reserve(layout);
        let second = from_reserve(layout);
        assert!(is_reserve(first) && is_reserve(second));
        assert!(second as usize - first as usize >= 100);
        // SAFETY: the memory came from the allocator, with that layout.
        unsafe {
            first.write_bytes(7, 100);
            let moved = Allocator.realloc(first, layout, 200);
            assert!(!is_reserve(moved));
            assert_eq!(std::slice::from_raw_parts(moved, 100), [7; 100]);
            Allocator.dealloc(moved, Layout::from_size_align(200, 8).unwrap());
            Allocator.dealloc(second, layout);
        }
        assert!(from_reserve(Layout::from_size_align(SIZE + 1, 8).unwrap()).is_null());
        assert!(from_reserve(Layout::from_size_align(64, 64).unwrap()).is_null());
    }

    #[test]
    fn a_table_has_room_before_it_needs_it() {
        let mut rows = Vec::new();
        let mut known = FxHashMap::default();
        for number in 0..10_000_u32 {
            rows.spare();
            known.spare();
            assert!(rows.capacity() - rows.len() >= SPARE);
            assert!(known.capacity() - known.len() >= SPARE);
            rows.push(number);
            known.insert(number, number);
        }
    }
}
