//! The page shared by all processes of a run: the sequence counter and the clock anchors.

use super::clock;
use crate::spool::files::PAGE as FILE;
use crate::spool::page::{Page, MAGIC, SIZE};
use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::{Duration, Instant};

static PAGE: AtomicPtr<Page> = AtomicPtr::new(null_mut());

/// The page of this run. Only called while recording.
///
/// # Safety
/// A page was opened in this process.
#[inline(always)]
pub unsafe fn page() -> &'static Page {
    &*PAGE.load(Ordering::Relaxed)
}

/// Maps the page of the spool, making it if this is the first process.
pub fn open(spool: &Path) -> io::Result<()> {
    let page = map(&spool.join(FILE), true)?;
    // SAFETY: the page is mapped, and is never unmapped.
    let page_ref = unsafe { &*page };
    let kind = clock::init();
    if page_ref
        .next_seq
        .compare_exchange(0, 1, Ordering::SeqCst, Ordering::SeqCst)
        .is_ok()
    {
        page_ref.clock.store(kind, Ordering::Relaxed);
        page_ref.first[0].store(clock::ticks(), Ordering::Relaxed);
        page_ref.first[1].store(clock::monotonic_ns(), Ordering::Relaxed);
        page_ref.magic.store(MAGIC, Ordering::Release);
    }
    PAGE.store(page, Ordering::Relaxed);
    anchor();
    Ok(())
}

/// The sequence number of the event that is made next; 0 where nothing is recorded yet.
pub fn upcoming() -> u64 {
    // SAFETY: the page is mapped as long as the process lives.
    let page = unsafe { PAGE.load(Ordering::Relaxed).as_ref() };
    page.map_or(0, |page| page.next_seq.load(Ordering::Relaxed))
}

/// Another process of the run has been made.
pub fn note_process() {
    let page = PAGE.load(Ordering::Relaxed);
    if !page.is_null() {
        // SAFETY: the page is mapped, and is never unmapped.
        unsafe { &*page }.several.store(1, Ordering::Relaxed);
    }
}

/// Notes the time in both clocks; the further from the first anchor, the better the rate.
pub fn anchor() {
    let page = PAGE.load(Ordering::Relaxed);
    if !page.is_null() {
        // SAFETY: the page is mapped, and is never unmapped.
        store_latest(unsafe { &*page });
    }
}

/// Whether the trace of the run is being made, or has been.
pub fn is_over() -> bool {
    let page = PAGE.load(Ordering::Relaxed);
    // SAFETY: the page is mapped, and is never unmapped.
    !page.is_null() && unsafe { &*page }.over.load(Ordering::SeqCst) != 0
}

/// Makes or enlarges a file of the spool, unless the run is over: another run may have a spool of
/// that name by now.
pub fn growing<T>(act: impl FnOnce() -> Result<T, i32>) -> Result<T, i32> {
    // SAFETY: the page is mapped from the start of the recording on.
    let page = unsafe { page() };
    page.growing.fetch_add(1, Ordering::SeqCst);
    let result = match is_over() {
        true => Err(libc::ESTALE),
        false => act(),
    };
    page.growing.fetch_sub(1, Ordering::SeqCst);
    result
}

/// Ends the recording from outside the recorded program. What is in the spool's files stays where
/// it is from now on, also while a process of the run is left running.
pub fn end(spool: &Path) -> io::Result<()> {
    /// A process that was killed while it enlarged a file does not go on with that.
    const PATIENCE: Duration = Duration::from_millis(100);
    let memory = map(&spool.join(FILE), false)?;
    // SAFETY: the page has just been mapped.
    let page = unsafe { &*memory };
    clock::init();
    store_latest(page);
    let next = page.next_seq.load(Ordering::SeqCst);
    let _ = page
        .over
        .compare_exchange(0, next, Ordering::SeqCst, Ordering::SeqCst);
    let since = Instant::now();
    while page.growing.load(Ordering::SeqCst) != 0 && since.elapsed() < PATIENCE {
        std::thread::yield_now();
    }
    // SAFETY: nobody has a reference to it any more.
    unsafe { libc::munmap(memory.cast(), SIZE) };
    Ok(())
}

/// The next sequence number of the run of this spool; 0 before it has begun.
pub fn next_seq(spool: &Path) -> io::Result<u64> {
    let memory = match map(&spool.join(FILE), false) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        mapped => mapped?,
    };
    // SAFETY: the page has just been mapped.
    let next = unsafe { &*memory }.next_seq.load(Ordering::SeqCst);
    // SAFETY: nobody has a reference to it any more.
    unsafe { libc::munmap(memory.cast(), SIZE) };
    Ok(next)
}

fn store_latest(page: &Page) {
    page.latest[0].store(clock::ticks(), Ordering::Relaxed);
    page.latest[1].store(clock::monotonic_ns(), Ordering::Relaxed);
}

fn map(path: &Path, create: bool) -> io::Result<*mut Page> {
    let name = CString::new(path.as_os_str().as_bytes())?;
    let flags = libc::O_RDWR | libc::O_CLOEXEC | if create { libc::O_CREAT } else { 0 };
    // SAFETY: the name ends in a zero; the descriptor and the memory are its own.
    unsafe {
        let fd = libc::open(name.as_ptr(), flags, 0o600);
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        let mut memory = libc::MAP_FAILED;
        let error = libc::posix_fallocate(fd, 0, SIZE as libc::off_t);
        if error == 0 {
            let prot = libc::PROT_READ | libc::PROT_WRITE;
            memory = libc::mmap(null_mut(), SIZE, prot, libc::MAP_SHARED, fd, 0);
        }
        let failure = if error != 0 {
            io::Error::from_raw_os_error(error)
        } else {
            io::Error::last_os_error()
        };
        libc::close(fd);
        if memory == libc::MAP_FAILED {
            return Err(failure);
        }
        Ok(memory.cast())
    }
}
