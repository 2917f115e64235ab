//! The sites of rewritten code. Code has them as constants for as long as the process lives, while
//! each recording numbers its sites afresh: so the code has a number, and the hooks its id.

use crate::gil::Gil;
use crate::record::recording;
use crate::record::sites::{self, NewSite};
use pyo3::Python;
use std::rc::Rc;

pub struct Row {
    file: Rc<str>,
    place: [u32; 4],
    function: String,
    text: String,
    opaque: bool,
    /// Numbers of rows before this one.
    sources: Vec<u32>,
    guards: Vec<u32>,
    /// Its id in the present recording.
    id: u32,
}

impl Row {
    /// A site of rewritten code. `sources` and `guards` are the numbers of others.
    pub fn new(
        file: Rc<str>,
        place: [u32; 4],
        (function, text): (String, String),
        opaque: bool,
        [sources, guards]: [Vec<u32>; 2],
    ) -> Row {
        Row {
            file,
            place,
            function,
            text,
            opaque,
            sources,
            guards,
            id: 0,
        }
    }
}

static ROWS: Gil<Vec<Row>> = Gil::new(Vec::new());

/// Defines the row in the present recording.
fn define(py: Python<'_>, index: usize) {
    let mut rows = ROWS.get(py);
    let row = &rows[index];
    let ids = |numbers: &[u32]| -> Vec<u32> {
        let earlier = numbers.iter().map(|&number| rows[number as usize - 1].id);
        earlier.filter(|&id| id != 0).collect()
    };
    let (sources, guards) = (ids(&row.sources), ids(&row.guards));
    rows[index].id = sites::add_site(
        py,
        &NewSite {
            file: &row.file,
            place: row.place,
            function: &row.function,
            text: &row.text,
            opaque: row.opaque,
            sources: &sources,
            guards: &guards,
        },
    );
}

/// The id of the site with this number in the present recording; 0 for 0, which is no site.
pub fn id(py: Python<'_>, number: u32) -> u32 {
    match number {
        0 => 0,
        number => ROWS.get(py)[number as usize - 1].id,
    }
}

/// At the start of a recording, when its spool is open: defines the sites there are.
pub fn reset(py: Python<'_>) {
    let count = ROWS.get(py).len();
    for index in 0..count {
        define(py, index);
    }
}

/// Adds a site of rewritten code, whose sources and guards were added before; returns its number.
pub fn add(py: Python<'_>, row: Row) -> u32 {
    let count = ROWS.get(py).len();
    ROWS.get(py).push(row);
    if recording() {
        define(py, count);
    }
    count as u32 + 1
}
