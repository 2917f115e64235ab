//! What the numbers of this process stand for. The matching asks for that alone, so it can be tried on
//! what is made up.

use crate::record::locations::{self, Place};
use crate::record::{identity, sites, strings, threads};

/// What tells an object of this process from others.
pub struct ObjectName<'a> {
    pub kind: &'a [u8],
    pub label: &'a [u8],
    /// The thread that made it; 0: none that is known.
    pub thread: u32,
    /// That one's logical path.
    pub path: Option<&'a str>,
    /// How many of the kind that had made before.
    pub index: u32,
    /// What it is called in every process; empty unless processes share it.
    pub shared: &'a [u8],
}

/// A place in the source.
pub struct SiteName<'a> {
    pub file: &'a [u8],
    pub line: u32,
    pub function: &'a [u8],
}

pub trait Names {
    /// The bytes of the string.
    fn string(&self, id: u32) -> &[u8];

    /// None if it was forgotten, as below.
    fn object(&self, id: u32) -> Option<ObjectName<'_>>;

    fn location(&self, id: u32) -> Option<Place>;

    /// Of a site that is one.
    fn site(&self, id: u32) -> SiteName<'_>;
}

/// The recorder's, of this process. To be used while the GIL is held, and nothing is recorded.
pub struct Recorder;

impl Names for Recorder {
    fn string(&self, id: u32) -> &[u8] {
        strings::get(id)
    }

    fn object(&self, id: u32) -> Option<ObjectName<'_>> {
        // SAFETY: the GIL is held, and nothing is defined meanwhile; `id` is an object's.
        unsafe {
            let row = identity::row(id)?;
            Some(ObjectName {
                kind: strings::get(row.kind),
                label: strings::get(row.label),
                thread: row.thread,
                path: threads::path(row.thread),
                index: row.index,
                shared: identity::key(id),
            })
        }
    }

    fn location(&self, id: u32) -> Option<Place> {
        // SAFETY: the GIL is held.
        unsafe { locations::place(id) }
    }

    fn site(&self, id: u32) -> SiteName<'_> {
        // SAFETY: the GIL is held, and it is a site.
        let [file, line, function] = unsafe { sites::place(id) };
        SiteName {
            file: strings::get(file),
            line,
            function: strings::get(function),
        }
    }
}
