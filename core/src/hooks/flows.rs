//! What flows into what in rewritten code. As with its sites: it is kept for as long as the process
//! lives, and each recording defines it afresh. The spool's reader follows the flows
//! (`spool::flows`).
//!
//! A *node* stands for a variable, a parameter, or what all functions of one name return.

use super::sites;
use crate::gil::Gil;
use crate::record::defs::{self, Entry};
use crate::record::recording;
use pyo3::prelude::*;

/// What is made of these sites and nodes, as what (`spool::flows::Role`), and which node or site it
/// is. The last are nodes of which only the reads count, not that more went in.
type Flow = (u8, u32, bool, Vec<u32>, Vec<u32>, Vec<u32>);

enum Row {
    Flow(Flow),
    /// Nodes of functions that are not only called by their names.
    Mentioned(Vec<u32>),
    /// Sites whose value is a number or place that rests on all that is in a container.
    Counting(Vec<u32>),
    /// Acts, each with the node of the function whose code it is.
    Bodies(Vec<(u32, u32)>),
}

static ROWS: Gil<Vec<Row>> = Gil::new(Vec::new());

unsafe fn define(row: &Row) {
    let ids = |numbers: &[u32]| -> Vec<u32> { numbers.iter().map(|&n| sites::id(n)).collect() };
    match row {
        Row::Flow((role, target, opaque, from, nodes, parts)) => {
            let is_site = matches!(role, 1..=3 | 6);
            let target = if is_site { sites::id(*target) } else { *target };
            Entry::new(defs::FLOW, 6)
                .uint(u64::from(*role))
                .uint(u64::from(target))
                .bool(*opaque)
                .ids(&ids(from))
                .ids(nodes)
                .ids(parts)
                .write();
        }
        Row::Mentioned(functions) => Entry::new(defs::MENTIONED, 1).ids(functions).write(),
        Row::Counting(numbers) => Entry::new(defs::COUNTING, 1).ids(&ids(numbers)).write(),
        Row::Bodies(acts) => {
            let flat: Vec<u32> = acts
                .iter()
                .flat_map(|&(site, function)| [sites::id(site), function])
                .collect();
            Entry::new(defs::BODIES, 1).ids(&flat).write();
        }
    }
}

/// At the start of a recording, when the sites are defined.
///
/// # Safety
/// The GIL is held.
pub unsafe fn reset() {
    for row in ROWS.get().iter() {
        define(row);
    }
}

/// How many entries there are in the log of this process, with those that its parent made.
///
/// # Safety
/// The GIL is held.
pub unsafe fn count() -> u32 {
    ROWS.get().len() as u32
}

/// Adds what a module's flows are. Nodes are numbers of the caller's choice, the same in all modules.
#[pyfunction]
pub fn add_flows(
    flows: Vec<Flow>,
    mentioned: Vec<u32>,
    counting: Vec<u32>,
    bodies: Vec<(u32, u32)>,
) -> PyResult<()> {
    let known = |&number: &u32| sites::is_known(number);
    let flows_known = flows.iter().all(|flow| flow.3.iter().all(known));
    if !flows_known || !counting.iter().all(known) || !bodies.iter().all(|(n, _)| known(n)) {
        let text = "a flow names a site that was not added";
        return Err(pyo3::exceptions::PyValueError::new_err(text));
    }
    let mut rows: Vec<Row> = flows.into_iter().map(Row::Flow).collect();
    rows.push(Row::Mentioned(mentioned));
    rows.push(Row::Counting(counting));
    rows.push(Row::Bodies(bodies));
    unsafe {
        for row in rows {
            if recording() {
                define(&row);
            }
            ROWS.get().push(row);
        }
    }
    Ok(())
}
