//! What each thread has for itself, and frees when it ends.
//!
//! `thread_local!` alone has the C library note every destructor at the first use of its value, and
//! that ends the process if there is no memory. Here the values are a list, and one key of the system's,
//! which takes no memory, frees them all.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::ptr::{addr_of, null};
use std::sync::OnceLock;
use std::thread::LocalKey;

/// A value of a `thread_local!`.
#[repr(C)]
pub struct ThreadOwned<T> {
    row: Row,
    value: RefCell<ManuallyDrop<T>>,
}

/// At the beginning of every value that has been used.
struct Row {
    free: Cell<Option<unsafe fn(*const Row)>>,
    next: Cell<*const Row>,
}

thread_local! {
    static USED: Cell<*const Row> = const { Cell::new(null()) };
}

impl<T: Default> ThreadOwned<T> {
    pub const fn new(value: T) -> ThreadOwned<T> {
        ThreadOwned {
            row: Row {
                free: Cell::new(None),
                next: Cell::new(null()),
            },
            value: RefCell::new(ManuallyDrop::new(value)),
        }
    }

    #[inline]
    fn used(&self) -> &RefCell<ManuallyDrop<T>> {
        if self.row.free.get().is_none() {
            self.enlist();
        }
        &self.value
    }

    #[cold]
    fn enlist(&self) {
        self.row.free.set(Some(free::<T>));
        self.row.next.set(USED.replace(addr_of!(*self).cast()));
        free_at_end();
    }
}

/// Frees the value of a thread that ends. Where it is used once more, it is enlisted again.
unsafe fn free<T: Default>(row: *const Row) {
    let owned = &*row.cast::<ThreadOwned<T>>();
    owned.row.free.set(None);
    let value = owned.value.try_borrow_mut();
    drop(value.map(|mut value| std::mem::take(&mut **value)));
}

unsafe extern "C" fn free_all(_: *mut c_void) {
    let mut row = USED.replace(null());
    while !row.is_null() {
        let next = (*row).next.get();
        if let Some(free) = (*row).free.get() {
            free(row);
        }
        row = next;
    }
}

/// If the system has no key left, what the threads have is never freed.
fn free_at_end() {
    static KEY: OnceLock<Option<libc::pthread_key_t>> = OnceLock::new();
    let key = KEY.get_or_init(|| {
        let mut key = 0;
        // SAFETY: the function lives as long as the process.
        let made = unsafe { libc::pthread_key_create(&raw mut key, Some(free_all)) };
        (made == 0).then_some(key)
    });
    if let Some(key) = *key {
        // SAFETY: the key was made, and the value lives as long as the thread.
        unsafe { libc::pthread_setspecific(key, USED.get().cast()) };
    }
}

pub trait Owned<T> {
    fn look<R>(&'static self, look: impl FnOnce(&T) -> R) -> R;
    fn change<R>(&'static self, change: impl FnOnce(&mut T) -> R) -> R;
    /// Puts a value in, and gives the one before.
    fn put(&'static self, value: T) -> T;
}

impl<T: Default> Owned<T> for LocalKey<ThreadOwned<T>> {
    fn look<R>(&'static self, look: impl FnOnce(&T) -> R) -> R {
        self.with(|owned| look(&owned.used().borrow()))
    }

    fn change<R>(&'static self, change: impl FnOnce(&mut T) -> R) -> R {
        self.with(|owned| change(&mut owned.used().borrow_mut()))
    }

    fn put(&'static self, value: T) -> T {
        let value = ManuallyDrop::new(value);
        ManuallyDrop::into_inner(self.with(|owned| owned.used().replace(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    thread_local! {
        static FIRST: ThreadOwned<Vec<Arc<u32>>> = const { ThreadOwned::new(Vec::new()) };
        static SECOND: ThreadOwned<Option<Arc<u32>>> = const { ThreadOwned::new(None) };
    }

    #[test]
    fn a_thread_that_ends_frees_what_it_has() {
        let one = Arc::new(1);
        let (for_first, for_second) = (one.clone(), one.clone());
        let thread = std::thread::spawn(move || {
            FIRST.change(|list| list.push(for_first));
            assert!(SECOND.put(Some(for_second)).is_none());
            (FIRST.look(Vec::len), SECOND.look(Option::is_some))
        });
        assert_eq!(thread.join().unwrap(), (1, true));
        assert_eq!(Arc::strong_count(&one), 1);
        assert_eq!(FIRST.look(Vec::len), 0);
    }

    #[test]
    fn the_c_library_notes_no_destructor() {
        assert!(!std::mem::needs_drop::<ThreadOwned<Vec<Arc<u32>>>>());
    }
}
