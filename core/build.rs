use pyo3_build_config::{get, PythonImplementation};

/// What there is a core for: CPython, and of these versions.
const VERSIONS: std::ops::RangeInclusive<(u8, u8)> = (3, 11)..=(3, 15);

fn main() {
    println!("cargo::rustc-check-cfg=cfg(recorder)");
    let linux = std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux");
    if linux && std::env::var_os("CARGO_FEATURE_RECORDER").is_some() {
        println!("cargo::rustc-cfg=recorder");
    }
    let python = get();
    let version = python.version();
    let without_gil = python.is_free_threaded();
    let known = python.implementation() == PythonImplementation::CPython
        && VERSIONS.contains(&(version.major, version.minor));
    if !known || without_gil {
        // One line in place of the compiler's errors.
        let name = python.implementation();
        let gil = if without_gil { " without the GIL" } else { "" };
        println!("cargo::error=racetrace needs CPython 3.11 to 3.15 with the GIL; this is {name} {version}{gil}");
        return;
    }
    pyo3_build_config::use_pyo3_cfgs();
}
