//! What the code of a site says of the container that it is about.

/// Calls that go through a container of plain things without running any code of Python.
const COPIES: [&str; 9] = [
    "list(",
    "tuple(",
    "set(",
    "frozenset(",
    "dict(",
    "sorted(",
    "sum(",
    "copy.copy(",
    "bytes(",
];

/// Whether the code of a site copies or sums up a container in one step.
pub fn copies(text: &str) -> bool {
    let mut names = COPIES.iter();
    names.any(|name| text.starts_with(name) && text.ends_with(')')) || text.ends_with(".copy()")
}

/// What gives something that is made of all that is in a container, beside copies of it.
const GATHERS: [&str; 11] = [
    "any(", "all(", "max(", "min(", "fsum(", "fmean(", "mean(", "median(", "prod(", "reduce(",
    ".join(",
];

/// Whether the value of the code is made of all that is in a container.
pub fn gathers(text: &str) -> bool {
    copies(text) || GATHERS.iter().any(|name| text.contains(name))
}

/// Whether the code is `d.pop(key, default)`, where the default is something to go on with. (None
/// tells that nothing was there.)
pub fn begins(text: &str) -> bool {
    let call = text.split_once(".pop(").map_or("", |(_, call)| call);
    let default = call.strip_suffix(')').and_then(last_of_several);
    let literal = |c: char| c.is_ascii_digit() || "[{(\"'-.".contains(c);
    default.is_some_and(|default| default.starts_with(literal))
}

/// The last argument, if there are more than one and they are those of one call.
fn last_of_several(arguments: &str) -> Option<&str> {
    let (mut depth, mut quote, mut last) = (0, None, None);
    for (i, c) in arguments.char_indices() {
        match (quote, c) {
            (Some(open), _) => quote = quote.filter(|_| c != open),
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => last = Some(i + 1),
            _ => {}
        }
        if depth < 0 {
            return None;
        }
    }
    last.map(|start| arguments[start..].trim())
}
