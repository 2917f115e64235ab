//! On whose behalf the calling thread asks the system for something: the innermost code that does not
//! ask for who called it decides.

use crate::cpython::frames;
use crate::gil::Gil;
use rustc_hash::FxHashMap;

#[derive(Clone, Copy, PartialEq)]
pub enum Asker {
    /// The program, or what works for it.
    Program,
    /// Who called this one.
    GoBetween,
    /// Whose asking is not to be recorded.
    Other,
}

/// What is known of code objects, by one way to tell from a file's name.
pub struct Askers {
    known: Gil<Option<FxHashMap<usize, Asker>>>,
    /// The code that was looked up last, which mostly asks again.
    last: Gil<(usize, Asker)>,
    tell: unsafe fn(&[u8]) -> Asker,
}

impl Askers {
    pub const fn new(tell: unsafe fn(&[u8]) -> Asker) -> Askers {
        Askers {
            known: Gil::new(None),
            last: Gil::new((0, Asker::Other)),
            tell,
        }
    }

    /// Whether it is the program that asks.
    ///
    /// # Safety
    /// The GIL is held.
    pub unsafe fn asked_by_program(&self) -> bool {
        let mut found = Asker::Other;
        frames::walk_codes(|code| {
            found = self.asker(code);
            found != Asker::GoBetween
        });
        found == Asker::Program
    }

    /// What the code is.
    ///
    /// # Safety
    /// The GIL is held; `code` comes from `walk_codes`.
    pub unsafe fn asker(&self, code: usize) -> Asker {
        let last = *self.last.get();
        if last.0 == code {
            return last.1;
        }
        let asker = self.look_up(code);
        *self.last.get() = (code, asker);
        asker
    }

    unsafe fn look_up(&self, code: usize) -> Asker {
        let known = self.known.get().get_or_insert_with(FxHashMap::default);
        if let Some(&asker) = known.get(&code) {
            return asker;
        }
        let asker = frames::with_file_of(code, |file| (self.tell)(file)).unwrap_or(Asker::Other);
        known.insert(code, asker);
        asker
    }

    /// Forgets the code objects.
    ///
    /// # Safety
    /// The GIL is held.
    pub unsafe fn forget(&self) {
        self.known.get().take();
        *self.last.get() = (0, Asker::Other);
    }
}
