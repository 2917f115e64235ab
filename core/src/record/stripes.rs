//! Locks that all processes of the run share, so that an access to memory that they share and its
//! record are one step: the order in the log is the order in memory.
//!
//! They lie in the page. A holder runs a few instructions and no Python code; it may be preempted or
//! killed, though, so who waits looks after a while whether the holder is still able to let go.

use super::page;
use crate::spool::page::STRIPES;
use pyo3::ffi;
use pyo3::Python;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Waits this long before it looks after the holder …
const PATIENCE: Duration = Duration::from_millis(2);
/// … and this long at most, for whatever is the matter: one access out of order is better than a
/// program that hangs.
const LIMIT: Duration = Duration::from_secs(1);

/// Held until it is dropped.
pub struct Stripe {
    word: &'static AtomicU64,
    own: u64,
}

impl Stripe {
    /// Waits for the lock that stands for `key`.
    ///
    /// # Safety
    /// Recording.
    pub unsafe fn lock(key: &[u8]) -> Stripe {
        let word = &page::page().stripes[hash(key) as usize % STRIPES];
        let own = u64::from(std::process::id());
        for _ in 0..100 {
            if word
                .compare_exchange_weak(0, own, Ordering::Acquire, Ordering::Relaxed)
                .is_ok()
            {
                return Stripe { word, own };
            }
            std::hint::spin_loop();
        }
        wait(word, own);
        Stripe { word, own }
    }
}

impl Stripe {
    /// Waits for the lock that stands for `key`, which is held while the system is called: without the GIL.
    /// None if that takes too long.
    ///
    /// Recording, and the GIL is held.
    pub fn lock_for_call(_: Python<'_>, key: &[u8]) -> Option<Stripe> {
        // SAFETY: the GIL is held, and is taken again before anything of Python is touched.
        unsafe {
            let word = &page::page().stripes[hash(key) as usize % STRIPES];
            let own = u64::from(std::process::id());
            let take = |from| {
                let taken = word.compare_exchange(from, own, Ordering::Acquire, Ordering::Relaxed);
                taken.err()
            };
            let mut holder = take(0);
            if holder.is_some() {
                let saved = ffi::PyEval_SaveThread();
                let started = Instant::now();
                while let Some(other) = holder.filter(|_| started.elapsed() < LIMIT) {
                    let gone = started.elapsed() > PATIENCE && other != own && !can_go_on(other);
                    std::thread::sleep(Duration::from_micros(20));
                    holder = take(if gone { other } else { 0 });
                }
                ffi::PyEval_RestoreThread(saved);
            }
            holder.is_none().then_some(Stripe { word, own })
        }
    }
}

/// The hash of nothing.
pub const START: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a: the same in all processes.
pub fn hash(key: &[u8]) -> u64 {
    hash_on(START, key)
}

/// The hash of what `hash` is of, and of the bytes after it.
pub fn hash_on(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cold]
fn wait(word: &AtomicU64, own: u64) {
    let started = Instant::now();
    loop {
        match word.compare_exchange(0, own, Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => return,
            Err(holder) => {
                let waited = started.elapsed();
                let steal = waited > LIMIT || waited > PATIENCE && !can_go_on(holder);
                if steal
                    && word
                        .compare_exchange(holder, own, Ordering::Acquire, Ordering::Relaxed)
                        .is_ok()
                {
                    return;
                }
            }
        }
        std::thread::sleep(Duration::from_micros(50));
    }
}

/// Whether a process is neither dead nor stopped.
pub fn can_go_on(pid: u64) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return false;
    };
    let state = stat.rsplit(')').next().unwrap_or_default().trim_start();
    !state.starts_with(['Z', 'X', 'T', 't'])
}

impl Drop for Stripe {
    fn drop(&mut self) {
        // Unless it was taken away.
        let _ = self
            .word
            .compare_exchange(self.own, 0, Ordering::Release, Ordering::Relaxed);
    }
}
