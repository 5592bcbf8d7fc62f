//! Holds the modules of the crate to their floors: a module uses only modules of lower floors.
//!
//! The compiler does not know of floors, so this test reads the source. It finds every path that
//! begins with `crate`, `self` or `super`, in `use` statements and elsewhere, in tests as well, but
//! not in comments and strings.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The modules of each floor, from the lowest. `docs/ARCHITECTURE.md` describes them.
const FLOORS: [&[&str]; 17] = [
    &["kernel"],
    &["db", "outbound"],
    &["directory", "files"],
    &["ledger", "extract"],
    &["access", "projections"],
    &["edge"],
    &["http"],
    &["organizations", "tokens", "reference", "texts"],
    &["projects"],
    &["agreements"],
    &[
        "municipalities",
        "working_groups",
        "holidays",
        "announcements",
    ],
    &["records"],
    &["timeline", "search", "statistics", "imports"],
    &["changes", "merges"],
    &["backup", "calendars", "council_report", "webhooks"],
    &["pages"],
    &["app"],
];

/// Roots of the library and of the program, which see every module.
const ROOTS: [&str; 2] = ["lib.rs", "main.rs"];

/// A use of one module by a file: the module's path below the crate.
struct Arrow {
    file: String,
    from: Vec<String>,
    to: Vec<String>,
}

#[test]
fn every_module_has_one_floor() {
    let mut stated: Vec<&str> = FLOORS.concat();
    stated.sort_unstable();
    let found: BTreeSet<String> = sources()
        .iter()
        .filter_map(|file| module_of(file).first().cloned())
        .collect();
    let found: Vec<&str> = found.iter().map(String::as_str).collect();
    assert_eq!(stated, found, "modules with a floor, modules in src/");
}

#[test]
fn no_arrow_climbs() {
    let climbing: BTreeSet<String> = arrows()
        .iter()
        .filter(|arrow| arrow.from[0] != arrow.to[0])
        .filter(|arrow| floor(&arrow.to[0]) >= floor(&arrow.from[0]))
        .map(|arrow| format!("{} uses {}", arrow.file, arrow.to[0]))
        .collect();
    let climbing: Vec<String> = climbing.into_iter().collect();
    assert!(
        climbing.is_empty(),
        "a module may use only modules of lower floors, but:\n{}",
        climbing.join("\n")
    );
}

/// Circles between the modules of one slice are allowed. This shows the largest of each slice:
/// `cargo test --test floors -- --nocapture`.
#[test]
fn circles_inside_a_slice_are_shown() {
    let mut uses: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for arrow in arrows() {
        if let ([slice, from, ..], [other, to, ..]) = (&arrow.from[..], &arrow.to[..])
            && slice == other
        {
            let inside = uses.entry(slice.clone()).or_default();
            inside.insert((from.clone(), to.clone()));
        }
    }
    for (slice, uses) in uses {
        let circle = largest_circle(&uses);
        if circle.len() > 1 {
            println!(
                "{slice}: {} modules in a circle: {}",
                circle.len(),
                circle.join(", ")
            );
        }
    }
}

fn floor(module: &str) -> usize {
    let floor = FLOORS.iter().position(|floor| floor.contains(&module));
    floor.map_or_else(
        || panic!("no floor is stated for {module}"),
        |floor| floor + 1,
    )
}

/// The modules that all reach each other, where there are most of them.
fn largest_circle(uses: &BTreeSet<(String, String)>) -> Vec<String> {
    let reached = |start: &str| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![start]);
        while let Some(module) = next.pop() {
            for (_, to) in uses.iter().filter(|(from, _)| from == module) {
                if seen.insert(to.as_str()) {
                    next.push(to);
                }
            }
        }
        seen
    };
    let all: BTreeMap<&str, BTreeSet<&str>> = uses
        .iter()
        .map(|(from, _)| (from.as_str(), reached(from)))
        .collect();
    let circle = |start: &str| -> Vec<String> {
        let others = all[start]
            .iter()
            .filter(|to| all.get(*to).is_some_and(|of| of.contains(start)));
        others.map(|&module| module.to_owned()).collect()
    };
    all.keys()
        .map(|start| circle(start))
        .max_by_key(Vec::len)
        .unwrap_or_default()
}

/// Returns all uses of a module of this crate by a module of this crate.
fn arrows() -> Vec<Arrow> {
    let files = sources();
    let modules: BTreeSet<Vec<String>> = files.iter().map(|file| module_of(file)).collect();
    let mut arrows = Vec::new();
    for file in files {
        let from = module_of(&file);
        let text = fs::read_to_string(src().join(&file)).unwrap();
        for mut to in paths(&tokens(&text), &from) {
            if from.is_empty() || to.is_empty() {
                continue;
            }
            // The path goes on to an item: keep the part that is a module. The first segment stays
            // whatever it is, so that a module without a floor is noticed.
            while to.len() > 1 && !modules.contains(&to) {
                to.pop();
            }
            let file = file.display().to_string();
            arrows.push(Arrow {
                file,
                from: from.clone(),
                to,
            });
        }
    }
    arrows
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Returns all source files, relative to `src/`.
fn sources() -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![src()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path.strip_prefix(src()).unwrap().to_owned());
            }
        }
    }
    files.sort();
    files
}

/// Returns the path of the module in a file; it is empty for the roots.
fn module_of(file: &Path) -> Vec<String> {
    if ROOTS.iter().any(|root| file == Path::new(root)) {
        return Vec::new();
    }
    let mut path: Vec<String> = file
        .with_extension("")
        .iter()
        .map(|part| part.to_str().unwrap().to_owned())
        .collect();
    if path.last().is_some_and(|last| last == "mod") {
        path.pop();
    }
    path
}

/// Returns the paths below the crate that a file's tokens name, in a module with the given path.
/// A tree of a `use` gives a path for each leaf.
fn paths(tokens: &[String], module: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    // The inline modules around a token, each with the depth of its braces.
    let (mut inline, mut depth): (Vec<(String, usize)>, usize) = (Vec::new(), 0);
    let mut at = 0;
    while at < tokens.len() {
        let here: Vec<&str> = tokens[at..].iter().take(3).map(String::as_str).collect();
        match here[..] {
            ["mod", name, "{"] => {
                inline.push((name.to_owned(), depth));
                at += 1;
            }
            ["{", ..] => depth += 1,
            ["}", ..] => {
                depth -= 1;
                inline.pop_if(|(_, outside)| *outside == depth);
            }
            [first @ ("crate" | "self" | "super"), "::", _] if !continues(tokens, at) => {
                let mut base = Vec::new();
                if first != "crate" {
                    base.extend_from_slice(module);
                    base.extend(inline.iter().map(|(name, _)| name.clone()));
                }
                if first == "super" {
                    base.pop();
                }
                at = tree(tokens, at + 2, &base, &mut found);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Whether the token continues a path that began before it, as `self` does in `a::self`.
fn continues(tokens: &[String], at: usize) -> bool {
    at > 0 && tokens[at - 1] == "::"
}

/// Reads the rest of a path, which can end in a tree, and returns the place after it.
fn tree(tokens: &[String], mut at: usize, base: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut path = base.to_vec();
    loop {
        match tokens.get(at).map(String::as_str) {
            Some("{") => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token != "}") {
                    at = tree(tokens, at, &path, found);
                    // A new name for the leaf is no path.
                    at += 2 * usize::from(tokens.get(at).is_some_and(|token| token == "as"));
                    at += usize::from(tokens.get(at).is_some_and(|token| token == ","));
                }
                return at + 1;
            }
            Some("super") => drop(path.pop()),
            Some("self" | "*") => {}
            Some(name) if is_name(name) => path.push(name.to_owned()),
            _ => break,
        }
        at += 1;
        if tokens.get(at).is_none_or(|token| token != "::") {
            break;
        }
        at += 1;
    }
    found.push(path);
    at
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Parts Rust source into names, `::` and single characters, without comments, strings, characters
/// and white space.
fn tokens(source: &str) -> Vec<String> {
    let mut rest = source;
    let mut tokens = Vec::new();
    while let Some(first) = rest.chars().next() {
        let length = if let Some(length) = skipped(rest) {
            length
        } else {
            let name = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            let length = if rest.starts_with("::") {
                2
            } else {
                name.max(first.len_utf8())
            };
            tokens.push(rest[..length].to_owned());
            length
        };
        rest = &rest[length..];
    }
    tokens
}

/// Returns the length of the white space, comment, string or character at the start of the text.
fn skipped(text: &str) -> Option<usize> {
    let end = |after: usize, mark: &str| {
        text[after..]
            .find(mark)
            .map_or(text.len(), |found| after + found + mark.len())
    };
    if text.starts_with(char::is_whitespace) {
        return Some(
            text.find(|c: char| !c.is_whitespace())
                .unwrap_or(text.len()),
        );
    }
    if text.starts_with("//") {
        return Some(end(0, "\n"));
    }
    if text.starts_with("/*") {
        return Some(end(2, "*/"));
    }
    if let Some(raw) = text.strip_prefix("br").or_else(|| text.strip_prefix('r')) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let start = text.len() - raw.len() + hashes + 1;
            return Some(end(start, &format!("\"{}", "#".repeat(hashes))));
        }
    }
    let plain = text.strip_prefix('b').unwrap_or(text);
    let before = text.len() - plain.len();
    if plain.starts_with('"') {
        return Some(before + quoted(plain, '"'));
    }
    // A lifetime has no closing quote after one character.
    let mut chars = plain.chars();
    if chars.next() == Some('\'') && (chars.next() == Some('\\') || chars.next() == Some('\'')) {
        return Some(before + quoted(plain, '\''));
    }
    None
}

/// Returns the length of a string or character with its quotes.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[test]
fn paths_are_read_from_source() {
    let source = r##"
        //! crate::comment
        /* use crate::comment; */
        use crate::a::{self, b::{C, D as E}, super::f};
        use crate::{g, h::*};
        pub(in crate::i) fn k<'a>(text: &'a str) -> char {
            let _ = ("\" crate::string", r#"" crate::string"#, '"', '\'', b"crate::string");
            crate::l::m::<crate::n::O>(super::p as crate::u::V, self::q::r)
        }
        mod tests {
            use super::*;
            use super::super::s;
        }
        use super::t;
    "##;
    let module = ["x".to_owned(), "y".to_owned()];
    let found = paths(&tokens(source), &module);
    let found: Vec<String> = found.iter().map(|path| path.join("::")).collect();
    let expected = [
        "a",
        "a::b::C",
        "a::b::D",
        "f",
        "g",
        "h",
        "i",
        "l::m",
        "n::O",
        "x::p",
        "u::V",
        "x::y::q::r",
        "x::y",
        "x::s",
        "x::t",
    ];
    assert_eq!(found, expected);
}
