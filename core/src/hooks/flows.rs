//! What flows into what in rewritten code. As with its sites: it is kept for as long as the process
//! lives, and each recording defines it afresh. The spool's reader follows the flows
//! (`convert::flows`).
//!
//! A *node* stands for a variable, a parameter, or what all functions of one name return.

use super::sites;
use crate::gil::Gil;
use crate::record::defs::Entry;
use crate::record::{self, recording};
use crate::spool::format::{Definition, Role};
use pyo3::prelude::*;

/// What is made of these sites and nodes, as what (`Role`), and which node or site it
/// is. The last are nodes of which only the reads count, not that more went in.
pub type Flow<R> = (R, u32, bool, Vec<u32>, Vec<u32>, Vec<u32>);

enum Row {
    Flow(Flow<Role>),
    /// Nodes of functions that are not only called by their names.
    Mentioned(Vec<u32>),
    /// Sites whose value is a number or place that rests on all that is in a container.
    Counting(Vec<u32>),
    /// Acts, each with the node of the function whose code it is.
    Bodies(Vec<(u32, u32)>),
}

static ROWS: Gil<Vec<Row>> = Gil::new(Vec::new());

fn define(py: Python<'_>, row: &Row) {
    let ids = |numbers: &[u32]| -> Vec<u32> { numbers.iter().map(|&n| sites::id(py, n)).collect() };
    match row {
        Row::Flow((role, target, opaque, from, nodes, parts)) => {
            let target = match role.is_of_site() {
                true => sites::id(py, *target),
                false => *target,
            };
            if *role == Role::Regardless && !from.is_empty() {
                record::sites::disregard(py, target);
            }
            Entry::new(Definition::Flow, 6)
                .uint(u64::from(role.code()))
                .uint(u64::from(target))
                .bool(*opaque)
                .ids(&ids(from))
                .ids(nodes)
                .ids(parts)
                .write(py);
        }
        Row::Mentioned(functions) => Entry::new(Definition::Mentioned, 1)
            .ids(functions)
            .write(py),
        Row::Counting(numbers) => Entry::new(Definition::Counting, 1)
            .ids(&ids(numbers))
            .write(py),
        Row::Bodies(acts) => {
            let flat: Vec<u32> = acts
                .iter()
                .flat_map(|&(site, function)| [sites::id(py, site), function])
                .collect();
            Entry::new(Definition::Bodies, 1).ids(&flat).write(py);
        }
    }
}

/// At the start of a recording, when the sites are defined.
pub fn reset(py: Python<'_>) {
    for row in ROWS.get(py).iter() {
        define(py, row);
    }
}

/// How many entries there are in the log of this process, with those that its parent made.
pub fn count(py: Python<'_>) -> u32 {
    ROWS.get(py).len() as u32
}

/// Adds what a module's flows are. Nodes are numbers of the caller's choice, the same in all modules; sites
/// are known.
pub fn add(
    py: Python<'_>,
    flows: Vec<Flow<i64>>,
    mentioned: Vec<u32>,
    counting: Vec<u32>,
    bodies: Vec<(u32, u32)>,
) -> PyResult<()> {
    let mut rows = Vec::with_capacity(flows.len() + 3);
    for (role, target, opaque, from, nodes, parts) in flows {
        let role = Role::of(role)
            .ok_or_else(|| pyo3::exceptions::PyValueError::new_err("a flow has no known role"))?;
        rows.push(Row::Flow((role, target, opaque, from, nodes, parts)));
    }
    rows.push(Row::Mentioned(mentioned));
    rows.push(Row::Counting(counting));
    rows.push(Row::Bodies(bodies));

    for row in rows {
        if recording() {
            define(py, &row);
        }
        ROWS.get(py).push(row);
    }

    Ok(())
}
