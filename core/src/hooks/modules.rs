//! The modules whose source was rewritten: `config.counter` from another module is the same
//! location as the global `counter` in it.

use super::hook::Object;
use crate::gil::{Gil, GilMut};
use crate::record::{holdings, locations, worth};
use pyo3::ffi;
use pyo3::Python;
use rustc_hash::{FxHashMap, FxHashSet};

/// What an access came upon.
#[derive(Clone, Copy, PartialEq)]
pub enum Met {
    /// This value, which was read or is written.
    Value(Object),
    /// Something that is there, or was until now.
    Something,
    /// There is no such attribute.
    Nothing,
}

struct Module {
    /// What its globals are called in the trace; a strong reference for ever.
    label: *mut ffi::PyObject,
    /// The names that hold data: not those bound by def, class or import.
    names: FxHashSet<String>,
}

static MODULES: Gil<Option<FxHashMap<String, Module>>> = Gil::new(None);

/// Makes a module known by its `__name__`. Takes over the reference to `label`.
///
/// # Safety
/// What it is given is live.
pub unsafe fn add(py: Python<'_>, name: String, label: *mut ffi::PyObject, names: Vec<String>) {
    let mut modules = MODULES.get_or_insert_with(py, FxHashMap::default);
    let names = names.into_iter().collect();
    modules.insert(name, Module { label, names });
}

/// The text of a str; None for anything else.
pub unsafe fn text<'a>(object: *mut ffi::PyObject) -> Option<&'a str> {
    if object.is_null() || ffi::PyUnicode_Check(object) == 0 {
        return None;
    }
    let mut size = 0;
    let data = ffi::PyUnicode_AsUTF8AndSize(object, &mut size);
    if data.is_null() {
        ffi::PyErr_Clear();
        return None;
    }
    let bytes = std::slice::from_raw_parts(data.cast::<u8>(), size as usize);
    Some(std::str::from_utf8_unchecked(bytes))
}

/// The known module that this is.
unsafe fn known(py: Python<'_>, module: *mut ffi::PyObject) -> Option<GilMut<'_, Module>> {
    let dict = ffi::PyModule_GetDict(module);
    let own_name = ffi::PyDict_GetItemString(dict, c"__name__".as_ptr());
    let own = text(own_name)?;
    MODULES.find(py, |modules| modules.as_mut()?.get_mut(own))
}

/// What the globals of a module hold now: what the module is called in the trace, the name and the value.
type Datum = (Object, Object, Object);

/// The data of all known modules that are imported, in the order of their names. The names and values are new
/// references.
///
/// # Safety
/// The GIL is held.
pub unsafe fn data(py: Python<'_>) -> Vec<Datum> {
    let mut names: Vec<(String, Object, String)> = Vec::new();
    if let Some(modules) = MODULES.get_some(py) {
        for (module, known) in modules.iter() {
            let bound = known.names.iter().cloned();
            names.extend(bound.map(|name| (module.clone(), known.label, name)));
        }
    }
    names.sort_unstable();
    let imported = ffi::PyImport_GetModuleDict();
    let mut found = Vec::new();
    for (module, label, name) in names {
        let name = object(&name);
        let value = of_module(imported, &module, name);
        match value.is_null() {
            true => ffi::Py_XDECREF(name),
            false => found.push((label, name, value)),
        }
    }
    found
}

/// The str of the text; a new reference.
unsafe fn object(text: &str) -> Object {
    ffi::PyUnicode_FromStringAndSize(text.as_ptr().cast(), text.len() as ffi::Py_ssize_t)
}

/// A new reference to the value of the global; null without an exception if there is none.
unsafe fn of_module(imported: Object, module: &str, name: Object) -> Object {
    let key = object(module);
    let module = ffi::PyDict_GetItemWithError(imported, key);
    ffi::Py_XDECREF(key);
    let value = match !module.is_null() && ffi::PyModule_Check(module) != 0 {
        true => ffi::PyDict_GetItemWithError(ffi::PyModule_GetDict(module), name),
        false => std::ptr::null_mut(),
    };
    ffi::PyErr_Clear();
    ffi::Py_XNewRef(value)
}

/// What the globals of a rewritten module are called in the trace.
///
/// # Safety
/// `module` is a module.
pub unsafe fn label(py: Python<'_>, module: *mut ffi::PyObject) -> Option<*mut ffi::PyObject> {
    known(py, module).map(|known| known.label)
}

/// The location of a global that the module binds; 0 if it was not rewritten or that is no data.
///
/// # Safety
/// `module` is a module, `name` a str.
pub unsafe fn locate(py: Python<'_>, module: *mut ffi::PyObject, name: *mut ffi::PyObject) -> u32 {
    match (known(py, module), text(name)) {
        (Some(known), Some(wanted)) if known.names.contains(wanted) => {
            locations::global(py, known.label, name)
        }
        _ => 0,
    }
}

/// The same of one that only other modules bind, or that is not there.
///
/// # Safety
/// As `locate`.
pub unsafe fn locate_unbound(
    py: Python<'_>,
    module: *mut ffi::PyObject,
    name: *mut ffi::PyObject,
    met: Met,
    writes: bool,
) -> u32 {
    let Some(known) = known(py, module) else {
        return 0;
    };
    let found = ffi::PyDict_GetItemWithError(ffi::PyModule_GetDict(module), name);
    if found.is_null() {
        ffi::PyErr_Clear();
    }
    let data = match met {
        _ if writes => true,
        Met::Nothing => true,
        _ => !found.is_null() && !is_definition(found),
    };
    match data {
        true => locations::global(py, known.label, name),
        false => 0,
    }
}

/// Whether it is what `def`, `class` and `import` bind.
unsafe fn is_definition(object: *mut ffi::PyObject) -> bool {
    let kind = ffi::Py_TYPE(object);
    ffi::PyType_Check(object) != 0
        || kind == &raw mut ffi::PyFunction_Type
        || kind == &raw mut ffi::PyCFunction_Type
        || ffi::PyModule_Check(object) != 0
}

/// Says where a class lies: in its module, under its qualified name. One that a function made has no
/// such place.
///
/// # Safety
/// `number` is the class's.
pub unsafe fn hold_class(py: Python<'_>, class: *mut ffi::PyTypeObject, number: u32) {
    let Some(module) = worth::module_of(class) else {
        return;
    };
    let name = ffi::PyType_GetQualName(class);
    if name.is_null() {
        return ffi::PyErr_Clear();
    }
    if text(name).is_some_and(|name| !name.contains("<locals>")) {
        let known = MODULES
            .get_some(py)
            .and_then(|known| Some(known.get(module)?.label));
        let label = match known {
            Some(label) => label,
            None => ffi::PyDict_GetItemString((*class).tp_dict, c"__module__".as_ptr()),
        };
        holdings::hold(py, locations::global_place(py, label, name), number);
    }
    ffi::Py_DECREF(name);
}
