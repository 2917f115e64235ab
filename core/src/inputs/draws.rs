//! Random numbers: what each `random.Random` draws, and `os.urandom`. The draws are recorded rather
//! than the seed, since threads that share a generator race for what it gives.

use super::{recorded, replace, Object, Source};
use pyo3::ffi;

pub static SOURCES: [Source; 3] = [
    Source::new("random.random"),
    Source::new("random.getrandbits"),
    Source::new("os.urandom"),
];
const RANDOM: usize = 0;
const GETRANDBITS: usize = 1;
const URANDOM: usize = 2;

unsafe extern "C-unwind" fn draw<const SOURCE: usize>(owner: Object, argument: Object) -> Object {
    let source = &SOURCES[SOURCE];
    if !recorded() {
        return source.ask(owner, argument);
    }
    source.answer(|| source.ask(owner, argument))
}

pub unsafe fn install() {
    let module = ffi::PyImport_ImportModule(c"_random".as_ptr());
    if !module.is_null() {
        let generator = ffi::PyObject_GetAttrString(module, c"Random".as_ptr());
        replace(generator, c"random", &SOURCES[RANDOM], draw::<RANDOM>);
        replace(
            generator,
            c"getrandbits",
            &SOURCES[GETRANDBITS],
            draw::<GETRANDBITS>,
        );
    }
    ffi::PyErr_Clear();
    let module = ffi::PyImport_ImportModule(c"posix".as_ptr());
    replace(module, c"urandom", &SOURCES[URANDOM], draw::<URANDOM>);
}
