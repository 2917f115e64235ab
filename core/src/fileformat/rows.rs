//! Tables and events from Python tuples, for traces that tests make by hand.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PyString, PyTuple};
use rustc_hash::FxHashMap;

use crate::model::{Event, Location, Object, Site, Tables, Thread, Value};

/// The tables so far. Where a row wants a string id, a str does as well.
#[derive(Default)]
pub struct Rows {
    pub tables: Tables,
    ids: FxHashMap<Vec<u8>, u32>,
}

/// A row, of which trailing fields may be left out.
struct Row<'py>(Bound<'py, PyTuple>);

impl<'py> Row<'py> {
    fn get<T>(&self, index: usize, default: T) -> PyResult<T>
    where
        T: for<'a> FromPyObject<'a, 'py, Error: Into<PyErr>>,
    {
        match self.0.get_item(index) {
            Ok(item) => item.extract().map_err(Into::into),
            Err(_) => Ok(default),
        }
    }
}

fn each<'py>(
    rows: &Bound<'py, PyAny>,
    mut take: impl FnMut(Row<'py>) -> PyResult<()>,
) -> PyResult<()> {
    for row in rows.try_iter()? {
        take(Row(row?.cast_into::<PyTuple>()?))?;
    }
    Ok(())
}

impl Rows {
    fn intern(&mut self, bytes: &[u8]) -> u32 {
        if let Some(id) = self.ids.get(bytes) {
            return *id;
        }
        self.tables.strings.push(bytes.to_vec());
        let id = self.tables.strings.len() as u32;
        self.ids.insert(bytes.to_vec(), id);
        id
    }

    fn text(&mut self, value: &Bound<'_, PyAny>) -> PyResult<u32> {
        let bytes = value.call_method1("encode", ("utf-8", "surrogatepass"))?;
        Ok(self.intern(bytes.cast::<PyBytes>()?.as_bytes()))
    }

    /// A string id, given as an int, a str or None.
    fn string(&mut self, row: &Row, index: usize) -> PyResult<u32> {
        match row.0.get_item(index) {
            Ok(item) if item.is_none() => Ok(0),
            Ok(item) if item.is_instance_of::<PyString>() => self.text(&item),
            Ok(item) => item.extract(),
            Err(_) => Ok(0),
        }
    }

    fn value(&mut self, item: &Bound<'_, PyAny>) -> PyResult<Value> {
        Ok(if item.is_none() {
            Value::None
        } else if item.is_instance_of::<PyBool>() {
            Value::Bool(item.extract()?)
        } else if item.is_instance_of::<PyInt>() {
            Value::Int(item.extract()?)
        } else if item.is_instance_of::<PyFloat>() {
            Value::Float(item.extract()?)
        } else if item.is_instance_of::<PyString>() {
            Value::Str(self.text(item)?)
        } else if let Ok(bytes) = item.cast::<PyBytes>() {
            Value::Bytes(self.intern(bytes.as_bytes()))
        } else {
            match item.get_type().name()?.to_str()? {
                "NoValue" => Value::Absent,
                "Ref" => {
                    let object: Option<u32> = item.getattr("object")?.extract()?;
                    Value::Ref(self.text(&item.getattr("type")?)?, object.unwrap_or(0))
                }
                name => return Err(PyTypeError::new_err(format!("no trace keeps a {name}"))),
            }
        })
    }

    pub fn strings(&mut self, rows: &Bound<'_, PyAny>) -> PyResult<()> {
        for (i, item) in rows.try_iter()?.enumerate() {
            let item = item?;
            let id = match item.cast::<PyBytes>() {
                Ok(bytes) => self.intern(bytes.as_bytes()),
                Err(_) => self.text(&item)?,
            };
            if id as usize != i + 1 {
                return Err(PyValueError::new_err("a string is listed twice"));
            }
        }
        Ok(())
    }

    pub fn threads(&mut self, rows: &Bound<'_, PyAny>) -> PyResult<()> {
        each(rows, |row| {
            let path: String = row.get(0, String::new())?;
            self.tables.threads.push(Thread {
                name: row.get(1, path.clone())?,
                path,
                process: row.get(2, 1)?,
                parent: row.get(3, 0)?,
                daemon: row.get(4, false)?,
                internal: row.get(5, false)?,
                ident: row.get(6, 0)?,
                native_id: row.get(7, 0)?,
            });
            Ok(())
        })
    }

    pub fn sites(&mut self, rows: &Bound<'_, PyAny>) -> PyResult<()> {
        each(rows, |row| {
            let site = Site {
                file: self.string(&row, 0)?,
                line: row.get(1, 1)?,
                column: row.get(2, 1)?,
                end_line: row.get(3, 1)?,
                end_column: row.get(4, 1)?,
                function: self.string(&row, 5)?,
                text: self.string(&row, 6)?,
                sources: row.get(7, Vec::new())?,
                opaque: row.get(8, false)?,
                guards: row.get(9, Vec::new())?,
                regardless: row.get(10, Vec::new())?,
            };
            self.tables.sites.push(site);
            Ok(())
        })
    }

    pub fn objects(&mut self, rows: &Bound<'_, PyAny>) -> PyResult<()> {
        each(rows, |row| {
            let object = Object {
                kind: self.string(&row, 0)?,
                label: self.string(&row, 1)?,
                thread: row.get(2, 0)?,
                index: row.get(3, 1)?,
                site: row.get(4, 0)?,
            };
            self.tables.objects.push(object);
            Ok(())
        })
    }

    pub fn locations(&mut self, rows: &Bound<'_, PyAny>) -> PyResult<()> {
        each(rows, |row| {
            let location = Location {
                kind: row.get(0, 1)?,
                object: row.get(1, 0)?,
                module: self.string(&row, 2)?,
                name: self.string(&row, 3)?,
                key: row
                    .0
                    .get_item(4)
                    .map_or(Ok(Value::Absent), |item| self.value(&item))?,
                holds: row.get(5, 0)?,
            };
            self.tables.locations.push(location);
            Ok(())
        })
    }

    pub fn events(&mut self, rows: &Bound<'_, PyAny>) -> PyResult<Vec<Event>> {
        let mut events = Vec::new();
        each(rows, |row| {
            events.push(Event {
                seq: row.get(0, 0)?,
                t: row.get(1, 0)?,
                thread: row.get(2, 0)?,
                op: row.get(3, 0)?,
                target: row.get(4, 0)?,
                site: row.get(5, 0)?,
                value: row
                    .0
                    .get_item(6)
                    .map_or(Ok(Value::Absent), |item| self.value(&item))?,
                outcome: row.get(7, 0)?,
                flags: row.get(8, 0)?,
                link: row.get(9, 0)?,
                stack: row.get(10, 0)?,
            });
            Ok(())
        })?;
        Ok(events)
    }
}
