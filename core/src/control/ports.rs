//! The ports of a replayed run's sockets: the program is told those of the recording, the system the real
//! ones.

use super::page::{PortPair, PORTS_KNOWN};
use super::slots::{controlled, page};
use std::sync::atomic::Ordering;

unsafe fn pairs() -> impl DoubleEndedIterator<Item = &'static PortPair> {
    let page = page();
    let used = (page.port_pairs_used.load(Ordering::Relaxed) as usize).min(PORTS_KNOWN);
    page.port_pairs[..used].iter()
}

/// The program knows the port by another number. By the holder of the baton.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn pair(known: u16, real: u16) {
    let page = page();
    match page.port_pairs.iter_mut().find(|pair| pair.0 == known) {
        Some(pair) if known != 0 => pair.1 = real,
        _ => {
            let at = page.port_pairs_used.fetch_add(1, Ordering::Relaxed) as usize;
            page.port_pairs[at % PORTS_KNOWN] = (known, real);
        }
    }
}

/// What the program knows the port by.
pub fn known(real: u16) -> u16 {
    if !controlled() {
        return real;
    }
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    let mut pairs = unsafe { pairs() };
    pairs
        .find(|pair| pair.1 == real)
        .map_or(real, |pair| pair.0)
}

/// The port that the program means.
pub fn real(known: u16) -> u16 {
    if !controlled() {
        return known;
    }
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    let mut pairs = unsafe { pairs() };
    pairs
        .find(|pair| pair.0 == known)
        .map_or(known, |pair| pair.1)
}
