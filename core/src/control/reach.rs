//! Whether what comes through a descriptor may come from outside the run.
//!
//! Of a socket of the system's the kernel tells the process that it is connected to. Of one of the
//! internet's it does not; but both ends are on this machine then, and the port of one of them is known
//! to be of the run: it has been listened on or connected from.

use super::members::is_member;
use super::page::outward;
use super::slots::page;

/// Whether what comes through the descriptor may come from outside the run.
pub unsafe fn comes_from(fd: i32) -> u8 {
    let mut stat: libc::stat = std::mem::zeroed();
    if libc::fstat(fd, &mut stat) != 0 {
        return outward::NO;
    }
    let page = page();
    match stat.st_mode & libc::S_IFMT {
        libc::S_IFIFO if page.stdin == (stat.st_dev, stat.st_ino) => outward::YES,
        libc::S_IFIFO => outward::OF_OTHERS,
        libc::S_IFSOCK => socket_comes_from(fd),
        _ => outward::YES,
    }
}

unsafe fn is_known(port: u16) -> bool {
    let word = page().ports[usize::from(port / 64)];
    word >> (port % 64) & 1 != 0
}

/// The address of this end of a socket, or of the other.
type Ask = unsafe extern "C" fn(i32, *mut libc::sockaddr, *mut libc::socklen_t) -> i32;

/// A host's address and a port; None if the socket has none of the internet's.
unsafe fn address(fd: i32, ask: Ask) -> Option<([u8; 16], u16)> {
    let mut place: libc::sockaddr_storage = std::mem::zeroed();
    let mut size = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
    if ask(fd, (&raw mut place).cast(), &raw mut size) != 0 {
        return None;
    }
    let mut host = [0; 16];
    match i32::from(place.ss_family) {
        libc::AF_INET => {
            let place = &*(&raw const place).cast::<libc::sockaddr_in>();
            host[..4].copy_from_slice(&place.sin_addr.s_addr.to_ne_bytes());
            Some((host, u16::from_be(place.sin_port)))
        }
        libc::AF_INET6 => {
            let place = &*(&raw const place).cast::<libc::sockaddr_in6>();
            Some((place.sin6_addr.s6_addr, u16::from_be(place.sin6_port)))
        }
        _ => None,
    }
}

/// Whether what comes through the socket may come from outside the run.
unsafe fn socket_comes_from(fd: i32) -> u8 {
    if let Some((host, port)) = address(fd, libc::getsockname) {
        let peer = address(fd, libc::getpeername);
        let known =
            |&(other, its): &([u8; 16], u16)| other == host && (is_known(port) || is_known(its));
        return match peer.filter(known) {
            Some(_) => outward::LATE,
            None => outward::YES,
        };
    }
    let mut peer: libc::ucred = std::mem::zeroed();
    let mut size = size_of::<libc::ucred>() as libc::socklen_t;
    let place = (&raw mut peer).cast();
    let told = libc::getsockopt(fd, libc::SOL_SOCKET, libc::SO_PEERCRED, place, &mut size) == 0;
    match told && is_member(peer.pid as u32) {
        true => outward::OF_OTHERS,
        false => outward::YES,
    }
}

/// The port of this end of the socket is the run's.
pub unsafe fn note_port(fd: i32) {
    if let Some((_, port)) = address(fd, libc::getsockname) {
        page().ports[usize::from(port / 64)] |= 1 << (port % 64);
    }
}
