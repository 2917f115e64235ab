//! Makes known what rewriting a module has found out about it, and makes its hooks
//! (`tracer/instrument/description.py` has the words). All at once, from the bytes that are kept with the
//! module's code: what that takes is part of each import of the program's.

use super::{flows, initialised, make_hook, sites, Operator};
use crate::gil::Gil;
use crate::marshal;
use crate::spool::format::Role;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};
use std::rc::Rc;

type Place = (u32, u32, u32, u32);
type SiteRow = (Place, String, String, bool, Vec<u32>, Vec<u32>);
type FlowRow<'py> = (
    i64,
    Node<'py>,
    bool,
    Vec<u32>,
    Vec<Node<'py>>,
    Vec<Node<'py>>,
);
type BodyRow<'py> = (u32, Option<Bound<'py, PyString>>);
type HookRow<'py> = (
    Bound<'py, PyString>,
    u32,
    Option<Bound<'py, PyString>>,
    Bound<'py, PyString>,
    Option<Bound<'py, PyTuple>>,
);
type Rows<'py> = (
    Vec<SiteRow>,
    Vec<FlowRow<'py>>,
    Vec<Bound<'py, PyString>>,
    Vec<u32>,
    Vec<BodyRow<'py>>,
    Vec<Bound<'py, PyTuple>>,
);

#[derive(FromPyObject)]
enum Node<'py> {
    /// A node of the module, by its number in it.
    OfModule(u32),
    /// One of the program, by its name.
    Named(Bound<'py, PyString>),
}

/// How many nodes there are in all modules; they are numbered from 1.
static NODES: Gil<u32> = Gil::new(0);

fn new_node(py: Python<'_>) -> u32 {
    let mut nodes = NODES.get(py);
    *nodes += 1;
    *nodes
}

/// The numbers in the process, by those in the module.
struct Numbers<'py> {
    sites: Vec<u32>,
    nodes: Vec<u32>,
    by_name: Bound<'py, PyDict>,
}

impl<'py> Numbers<'py> {
    fn site(&self, number: u32) -> PyResult<u32> {
        let known = self.sites.get(number as usize).copied();
        known.ok_or_else(|| PyValueError::new_err(format!("no such site: {number}")))
    }

    fn sites(&self, numbers: &[u32]) -> PyResult<Vec<u32>> {
        numbers.iter().map(|&number| self.site(number)).collect()
    }

    fn named(&self, name: &Bound<'py, PyString>) -> PyResult<u32> {
        if let Some(known) = self.by_name.get_item(name)? {
            return known.extract();
        }
        let number = new_node(name.py());
        self.by_name.set_item(name, number)?;
        Ok(number)
    }

    fn node(&mut self, node: &Node<'py>) -> PyResult<u32> {
        match node {
            Node::Named(name) => self.named(name),
            Node::OfModule(number) => {
                let index = *number as usize;
                if index >= self.nodes.len() {
                    self.nodes.resize(index + 1, 0);
                }
                if self.nodes[index] == 0 {
                    self.nodes[index] = new_node(self.by_name.py());
                }
                Ok(self.nodes[index])
            }
        }
    }

    fn nodes(&mut self, nodes: &[Node<'py>]) -> PyResult<Vec<u32>> {
        nodes.iter().map(|node| self.node(node)).collect()
    }

    /// The number of a flow's target.
    fn target(&mut self, role: i64, target: &Node<'py>) -> PyResult<u32> {
        match target {
            Node::OfModule(number) if !Role::of(role).is_some_and(Role::is_of_node) => {
                self.site(*number)
            }
            node => self.node(node),
        }
    }
}

/// Makes the sites and flows of a module known: `description` is marshalled, `filename` that of its
/// source, `module` what the trace calls it, `by_name` has the numbers of the program's nodes. Returns the
/// hooks.
#[pyfunction]
pub fn enter<'py>(
    description: &Bound<'py, PyBytes>,
    filename: &str,
    module: &Bound<'py, PyString>,
    by_name: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyList>> {
    marshal::uncollected(description.py(), || {
        let rows: Rows = marshal::loads(description)?.extract()?;
        entered(rows, filename, module, by_name)
    })
}

fn entered<'py>(
    (sites, flows, mentioned, counting, bodies, hooks): Rows<'py>,
    filename: &str,
    module: &Bound<'py, PyString>,
    by_name: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyList>> {
    let py = module.py();
    let mut numbers = Numbers {
        sites: vec![0],
        nodes: Vec::new(),
        by_name: by_name.clone(),
    };
    let file: Rc<str> = filename.into();
    for (place, function, text, opaque, sources, guards) in sites {
        let row = sites::Row::new(
            file.clone(),
            place.into(),
            (function, text),
            opaque,
            [numbers.sites(&sources)?, numbers.sites(&guards)?],
        );
        numbers.sites.push(sites::add(py, row));
    }
    let mut rows = Vec::with_capacity(flows.len());
    for (role, target, opaque, from, nodes, parts) in flows {
        rows.push((
            role,
            numbers.target(role, &target)?,
            opaque,
            numbers.sites(&from)?,
            numbers.nodes(&nodes)?,
            numbers.nodes(&parts)?,
        ));
    }
    let named = mentioned.iter().map(|name| numbers.named(name));
    let mut mentioned = named.collect::<PyResult<Vec<u32>>>()?;
    mentioned.sort_unstable();
    let counting = numbers.sites(&counting)?;
    let mut acts = Vec::with_capacity(bodies.len());
    for (site, function) in bodies {
        let function = function.map_or(Ok(0), |name| numbers.named(&name))?;
        acts.push((numbers.site(site)?, function));
    }
    flows::add(py, rows, mentioned, counting, acts)?;
    initialised(py)?;
    let made = PyList::empty(py);
    for row in hooks {
        made.append(hook(&row, &numbers, module)?)?;
    }
    Ok(made)
}

fn hook<'py>(
    row: &Bound<'py, PyTuple>,
    numbers: &Numbers,
    module: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyAny>> {
    let (kind, site, name, operator, partner): HookRow = row.extract()?;
    let partner = partner.map(|row| hook(&row, numbers, module)).transpose()?;
    let operator = Operator {
        text: operator.to_str()?,
        partner,
    };
    make_hook(kind.to_str()?, numbers.site(site)?, name, module, operator)
}
