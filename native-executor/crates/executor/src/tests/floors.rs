//! The floors of the two crates: a floor names only those below it, and of the files no more than two name one another.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The floors of this crate, from the lowest: each a folder, or some files of the crate's own folder.
const FLOORS: [&[&str]; 9] = [
    &[
        "blocking",
        "environment",
        "fault",
        "faults",
        "gate",
        "mapping",
        "metrics",
        "objects",
        "panics",
        "rest",
        "state",
        "threads",
    ],
    &["codec"],
    &["port"],
    &["call"],
    &["local"],
    &["java", "shared"],
    &["context", "fuzz", "runtime"],
    &["jvm"],
    &["expanded"],
];

/// The modules of a crate by their paths, such as `port::slots`, each with the modules that it names.
type Names = BTreeMap<String, BTreeSet<String>>;

#[test]
fn a_floor_names_only_those_below_it() {
    let names = names(&directory("src"));
    for (module, named) in &names {
        for other in named {
            assert!(
                floor(other) <= floor(module),
                "{module} is below {other}, but names it"
            );
        }
    }
}

#[test]
fn no_more_than_two_files_name_one_another() {
    let circle = largest_circle(&names(&directory("src")));
    assert!(circle.len() <= 2, "{circle:?}");
}

#[test]
fn no_more_than_two_files_of_the_protocol_name_one_another() {
    let mut names = names(&directory("../protocol/src"));
    // `memory` takes one of its two halves, by the way in which it is built: this one in loom's models.
    let twin = "memory::tracked";
    names.remove(twin);
    names.values_mut().for_each(|named| drop(named.take(twin)));
    let circle = largest_circle(&names);
    assert!(circle.len() <= 2, "{circle:?}");
}

#[test]
fn paths_are_found_wherever_they_are_written() {
    let code = "mod kid;\nuse super::{a, b::{self, C}};\npub(super) use crate::d::E as F;\n\
                fn f() { kid::g(crate::h::I::new(::std::j())) } // crate::k::L\n";
    let found = paths(&without_comments(code));
    let expected = [
        "super::a",
        "super::b::self",
        "super::b::C",
        "crate::d::E",
        "self::kid::g",
        "crate::h::I::new",
    ];
    assert_eq!(found, expected);
}

fn directory(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn floor(module: &str) -> usize {
    let top = module.split("::").next().unwrap_or(module);
    let floor = FLOORS.iter().position(|floor| floor.contains(&top));
    floor.unwrap_or_else(|| panic!("{module} is on no floor"))
}

fn names(sources: &Path) -> Names {
    let mut codes = BTreeMap::new();
    collect(sources, "", &mut codes);
    let names_of = |(module, code): (&String, &String)| {
        let named = paths(code).into_iter();
        let named = named.filter_map(|path| resolve(&path, module, &codes));
        (
            module.clone(),
            named.filter(|other| other != module).collect(),
        )
    };
    codes.iter().map(names_of).collect()
}

/// Reads the modules' code. The crate's root and its tests name everything, and are left out.
fn collect(directory: &Path, prefix: &str, codes: &mut BTreeMap<String, String>) {
    for file in fs::read_dir(directory).expect("a directory") {
        let path = file.expect("a file").path();
        let stem = path.file_stem().expect("a name").to_string_lossy();
        let module = match (prefix, &*stem) {
            ("", "lib" | "tests") => continue,
            ("", stem) => stem.to_owned(),
            (prefix, "mod") => prefix.to_owned(),
            (prefix, stem) => format!("{prefix}::{stem}"),
        };
        if path.is_dir() {
            collect(&path, &module, codes);
        } else {
            let text = fs::read_to_string(&path).expect("a source");
            codes.insert(module, without_comments(&text));
        }
    }
}

/// Returns the code without comments and without the unit tests that end it.
fn without_comments(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next();
    let lines = text.unwrap_or_default().lines();
    let code = lines.map(|line| line.split("//").next().unwrap_or(line));
    // A folder that shows what is in its files does not use them.
    let code = code.filter(|line| !line.starts_with("pub use "));
    code.collect::<Vec<_>>().join("\n")
}

/// Returns the paths that begin with `crate`, `super`, `self` or the name of a module declared here.
fn paths(code: &str) -> Vec<String> {
    let children: Vec<&str> = code
        .lines()
        .filter_map(|line| line.split("mod ").nth(1)?.strip_suffix(';'))
        .collect();
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(start) = rest.find(is_word) {
        rest = &rest[start..];
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (path, after) = rest.split_at(end);
        rest = after;
        let Some((first, _)) = path.split_once("::") else {
            continue;
        };
        let path = match first {
            "crate" | "super" | "self" => path.to_owned(),
            child if children.contains(&child) => format!("self::{path}"),
            _ => continue,
        };
        match after.strip_prefix('{').filter(|_| path.ends_with("::")) {
            Some(tree) => rest = expand(&path, tree, &mut found),
            None => found.push(path),
        }
    }
    found
}

/// Adds the paths of a tree of imports, whose brace was opened. Returns the text behind the brace that closes it.
fn expand<'a>(prefix: &str, mut tree: &'a str, found: &mut Vec<String>) -> &'a str {
    loop {
        let end = tree.find(['{', '}', ',']).expect("a brace that closes");
        let path = format!("{prefix}{}", tree[..end].trim());
        let closer = tree.as_bytes()[end];
        tree = &tree[end + 1..];
        if closer == b'{' {
            tree = expand(&path, tree, found);
        } else {
            if path.len() > prefix.len() {
                found.push(path);
            }
            if closer == b'}' {
                return tree;
            }
        }
    }
}

/// Returns the module that a path names, or in which it names something; `None` if that is the crate itself.
fn resolve(path: &str, module: &str, codes: &BTreeMap<String, String>) -> Option<String> {
    let mut place: Vec<&str> = module.split("::").collect();
    let mut parts = path.split("::").peekable();
    match parts.next() {
        Some("crate") => place.clear(),
        Some("super") => drop(place.pop()),
        _ => {}
    }
    while parts.next_if_eq(&"super").is_some() {
        place.pop();
    }
    for part in parts {
        place.push(part);
        if !codes.contains_key(&place.join("::")) {
            place.pop();
            break;
        }
    }
    (!place.is_empty()).then(|| place.join("::"))
}

/// Returns the largest set of modules each of which names all others, directly or not.
fn largest_circle(names: &Names) -> BTreeSet<String> {
    let reached = |from: &String| {
        let mut reached = BTreeSet::new();
        let mut ahead: Vec<&String> = names[from].iter().collect();
        while let Some(module) = ahead.pop() {
            if reached.insert(module.clone()) {
                ahead.extend(&names[module]);
            }
        }
        reached
    };
    let reached: Names = names
        .keys()
        .map(|from| (from.clone(), reached(from)))
        .collect();
    let circle = |from: &String| -> BTreeSet<String> {
        let back = |other: &&String| reached[*other].contains(from);
        reached[from].iter().filter(back).cloned().collect()
    };
    let circles = reached.keys().map(circle);
    circles.max_by_key(BTreeSet::len).unwrap_or_default()
}
