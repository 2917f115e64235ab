//! Daemon threads at the end of the interpreter: they hang, as CPython 3.14's do.
//!
//! Before 3.14, a thread that asks for the GIL while the interpreter ends is ended by `pthread_exit`,
//! which unwinds its stack. Where a Rust frame is on it (a `print`, a hook, the start of a thread),
//! that aborts the process. So CPython's calls of `pthread_exit` are led to a function that sleeps
//! instead: the process is about to end.
//!
//! Versions: 3.11 to 3.13; a newer one makes no such call, and there is nothing to lead elsewhere.
//! Check: the call is looked for in the tables with which the loaded Python calls other libraries
//! (`DT_JMPREL`, 64 bit).
//! Elsewhere: a thread ends as CPython ends it.
//! Safe: only the entry of that name is changed, by one store; the function that it leads to never returns.

use std::ffi::{c_char, c_int, c_void, CStr};
use std::ptr::null;

extern "C" {
    #[cfg_attr(not(Py_3_13), link_name = "_Py_IsFinalizing")]
    fn Py_IsFinalizing() -> c_int;
    fn PyThread_exit_thread();
    fn pthread_exit(value: *mut c_void) -> !;
}

/// Whether the interpreter is ending.
pub fn finalizing() -> bool {
    // SAFETY: it may be called at any time, without the GIL too.
    unsafe { Py_IsFinalizing() != 0 }
}

unsafe extern "C" fn hang_or_exit(value: *mut c_void) -> ! {
    while finalizing() {
        libc::pause();
    }
    pthread_exit(value)
}

/// An entry of a loaded file's dynamic section: a tag, and a number or address.
#[repr(C)]
struct Dynamic {
    tag: i64,
    value: u64,
}

#[repr(C)]
struct Symbol {
    name: u32,
    kind: [u8; 4],
    value: [u64; 2],
}

/// Where the address of a symbol is stored.
#[repr(C)]
struct Relocation {
    offset: u64,
    info: u64,
    addend: i64,
}

// Tags of the dynamic section.
const PLT_SIZE: i64 = 2;
const STRINGS: i64 = 5;
const SYMBOLS: i64 = 6;
const TABLE: i64 = 7;
const TABLE_SIZE: i64 = 8;
const PLT: i64 = 23;

/// Leads the calls to the hanging function; a second call does nothing.
pub fn install() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        // SAFETY: `redirect` has the form that is asked for, and looks only at what it is given.
        unsafe { libc::dl_iterate_phdr(Some(redirect), std::ptr::null_mut()) };
    });
}

/// Redirects `pthread_exit` in the loaded file that has `PyThread_exit_thread`: Python, or its
/// library.
unsafe extern "C" fn redirect(
    file: *mut libc::dl_phdr_info,
    _: libc::size_t,
    _: *mut c_void,
) -> c_int {
    let base = (*file).dlpi_addr;
    let headers = std::slice::from_raw_parts((*file).dlpi_phdr, usize::from((*file).dlpi_phnum));
    let within = |header: &libc::Elf64_Phdr, address: u64| {
        (header.p_vaddr..header.p_vaddr + header.p_memsz).contains(&address.wrapping_sub(base))
    };
    let exit_thread = PyThread_exit_thread as *const () as u64;
    if !headers
        .iter()
        .any(|header| header.p_type == libc::PT_LOAD && within(header, exit_thread))
    {
        return 0;
    }
    let Some(dynamic) = headers
        .iter()
        .find(|header| header.p_type == libc::PT_DYNAMIC)
    else {
        return 1;
    };
    let mut found = [0; PLT as usize + 1];
    let mut entry = (base + dynamic.p_vaddr) as *const Dynamic;
    while (*entry).tag != 0 {
        if let Some(value) = usize::try_from((*entry).tag)
            .ok()
            .and_then(|tag| found.get_mut(tag))
        {
            *value = (*entry).value;
        }
        entry = entry.add(1);
    }
    // Some C libraries have made addresses of the offsets, some not.
    let at = |tag: i64| match found[tag as usize] {
        0 => null(),
        offset if offset < base => (base + offset) as *const u8,
        address => address as *const u8,
    };
    let protected = headers
        .iter()
        .find(|header| header.p_type == libc::PT_GNU_RELRO)
        .map_or(0, |header| base + header.p_vaddr + header.p_memsz);
    let (symbols, strings) = (at(SYMBOLS).cast::<Symbol>(), at(STRINGS).cast::<c_char>());
    for (table, size) in [(PLT, PLT_SIZE), (TABLE, TABLE_SIZE)] {
        let count = found[size as usize] as usize / size_of::<Relocation>();
        for index in 0..count {
            let relocation = &*at(table).cast::<Relocation>().add(index);
            let symbol = &*symbols.add((relocation.info >> 32) as usize);
            if CStr::from_ptr(strings.add(symbol.name as usize)) == c"pthread_exit" {
                store((base + relocation.offset) as *mut u64, protected);
            }
        }
    }
    1
}

/// Stores the hanging function's address in a slot, which is read-only if it lies in a whole page
/// before the address `protected`.
unsafe fn store(slot: *mut u64, protected: u64) {
    let size = libc::sysconf(libc::_SC_PAGESIZE) as usize;
    let page = slot as usize / size * size;
    let memory = page as *mut c_void;
    if libc::mprotect(memory, size, libc::PROT_READ | libc::PROT_WRITE) == 0 {
        slot.write(hang_or_exit as *const () as u64);
        if (page + size) as u64 <= protected {
            libc::mprotect(memory, size, libc::PROT_READ);
        }
    }
}
