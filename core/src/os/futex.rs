//! How threads wait for each other, in whatever processes they are: by words in shared memory.

use std::sync::atomic::{AtomicU32, Ordering};

/// Waits while the word is `value`. Else why not: EINTR, or ETIMEDOUT when `ns` have passed.
fn wait_while(word: &AtomicU32, value: u32, ns: Option<u64>) -> Result<(), i32> {
    let limit = ns.map(|ns| libc::timespec {
        tv_sec: (ns / 1_000_000_000) as libc::time_t,
        tv_nsec: (ns % 1_000_000_000) as libc::c_long,
    });
    let limit = limit.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    while word.load(Ordering::Acquire) == value {
        // SAFETY: the word and the limit live as long as the call.
        let failed = unsafe {
            libc::syscall(
                libc::SYS_futex,
                word.as_ptr(),
                libc::FUTEX_WAIT,
                value,
                limit,
            ) != 0
        };
        let error = super::errno();
        if failed && error != libc::EAGAIN && word.load(Ordering::Acquire) == value {
            return Err(error);
        }
    }
    Ok(())
}

/// Waits until the word is not 0, as `wait_while` does.
pub fn wait(word: &AtomicU32, ns: Option<u64>) -> Result<(), i32> {
    wait_while(word, 0, ns)
}

/// Sets the word and wakes who waits for it.
pub fn wake(word: &AtomicU32) {
    word.store(1, Ordering::Release);
    signal(word);
}

/// Wakes who waits for the word, which has been set.
pub fn signal(word: &AtomicU32) {
    // SAFETY: the word lives as long as the call.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAKE, 1) };
}

/// What one thread waits for its turn with. Two that take turns hand over without going to sleep,
/// which costs the kernel twice as much as to let the other run.
#[repr(transparent)]
pub struct Turn(AtomicU32);

const WAITING: u32 = 0;
const GIVEN: u32 = 1;
const ASLEEP: u32 = 2;

impl Turn {
    /// How often others are let run before the thread goes to sleep.
    const YIELDS: u32 = 8;

    /// Gives the thread its turn, now or when it comes to wait for it.
    pub fn give(&self) {
        if self.0.swap(GIVEN, Ordering::AcqRel) == ASLEEP {
            signal(&self.0);
        }
    }

    /// Waits for the turn, which stays given; if it comes `soon`, first by letting others run, in
    /// which no signal ends the wait. Else why not, as `wait_while` says.
    pub fn wait(&self, soon: bool, ns: Option<u64>) -> Result<(), i32> {
        for _ in 0..if soon { Turn::YIELDS } else { 0 } {
            if self.0.load(Ordering::Acquire) == GIVEN {
                return Ok(());
            }
            // SAFETY: the call gets numbers alone.
            unsafe { libc::sched_yield() };
        }
        let (from, to) = (WAITING, ASLEEP);
        let _ = self
            .0
            .compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire);
        wait_while(&self.0, ASLEEP, ns)
    }

    /// The turn has been taken, or is nobody's yet.
    pub fn reset(&self) {
        self.0.store(WAITING, Ordering::Release);
    }
}
