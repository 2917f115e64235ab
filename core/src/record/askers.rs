//! On whose behalf the calling thread asks the system for something: the innermost code that does not
//! ask for who called it decides.

use crate::cpython::frames;
use crate::gil::Gil;
use pyo3::Python;
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
    tell: fn(Python<'_>, &[u8]) -> Asker,
}

impl Askers {
    pub const fn new(tell: fn(Python<'_>, &[u8]) -> Asker) -> Askers {
        Askers {
            known: Gil::new(None),
            last: Gil::new((0, Asker::Other)),
            tell,
        }
    }

    /// Whether it is the program that asks.
    pub fn asked_by_program(&self, py: Python<'_>) -> bool {
        let mut found = Asker::Other;
        // SAFETY: the frames are those that run, and keep their code alive.
        unsafe {
            frames::walk_codes(py, |code| {
                found = self.asker(py, code);
                found != Asker::GoBetween
            })
        };
        found == Asker::Program
    }

    /// What the code is.
    ///
    /// # Safety
    /// `code` comes from `walk_codes`.
    pub unsafe fn asker(&self, py: Python<'_>, code: usize) -> Asker {
        let last = self.last.copied(py);
        if last.0 == code {
            return last.1;
        }
        let asker = self.look_up(py, code);
        self.last.set(py, (code, asker));
        asker
    }

    unsafe fn look_up(&self, py: Python<'_>, code: usize) -> Asker {
        let known = self
            .known
            .get_some(py)
            .and_then(|known| known.get(&code).copied());
        if let Some(asker) = known {
            return asker;
        }
        let asker =
            frames::with_file_of(code, |file| (self.tell)(py, file)).unwrap_or(Asker::Other);
        self.known
            .get_or_insert_with(py, FxHashMap::default)
            .insert(code, asker);
        asker
    }

    /// Forgets the code objects.
    pub fn forget(&self, py: Python<'_>) {
        self.known.take(py);
        self.last.set(py, (0, Asker::Other));
    }
}
