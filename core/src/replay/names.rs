//! What the numbers of this process stand for. The matching asks for that alone, so it can be tried on
//! what is made up.

use crate::record::locations::{self, Place};
use crate::record::{identity, sites, strings, threads};
use pyo3::Python;
use std::borrow::Cow;

/// What tells an object of this process from others.
pub struct ObjectName<'a> {
    pub kind: &'a [u8],
    pub label: &'a [u8],
    /// The thread that made it; 0: none that is known.
    pub thread: u32,
    /// That one's logical path.
    pub path: Option<Cow<'a, str>>,
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

/// The recorder's, of this process. To be used while nothing is recorded.
pub struct Recorder<'py>(pub Python<'py>);

impl Names for Recorder<'_> {
    fn string(&self, id: u32) -> &[u8] {
        strings::get(self.0, id)
    }

    fn object(&self, id: u32) -> Option<ObjectName<'_>> {
        let row = identity::row(self.0, id)?;
        Some(ObjectName {
            kind: strings::get(self.0, row.kind),
            label: strings::get(self.0, row.label),
            thread: row.thread,
            path: threads::path(self.0, row.thread).map(Cow::Owned),
            index: row.index,
            shared: identity::key(self.0, id),
        })
    }

    fn location(&self, id: u32) -> Option<Place> {
        locations::place(self.0, id)
    }

    fn site(&self, id: u32) -> SiteName<'_> {
        let [file, line, function] = sites::place(self.0, id);
        SiteName {
            file: strings::get(self.0, file),
            line,
            function: strings::get(self.0, function),
        }
    }
}
