//! The compiler's messages about common mistakes: in the registration of functions, and against the types.
//!
//! Each file of `mistakes` has one. A `//~` comment has words that must be in the compiler's message about the line of
//! code above it or before it; lines without such a comment must have no message. The other words may change with each
//! version.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

macro_rules! mistakes {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            check(stringify!($name));
        })*

        #[test]
        fn all_files_are_checked() {
            let files = fs::read_dir(directory()).expect("a directory").map(|file| {
                let path = file.expect("a file").path();
                path.file_stem().expect("a name").to_string_lossy().into_owned()
            });
            let mut files: Vec<String> = files.collect();
            files.sort();
            assert_eq!(files, [$(stringify!($name)),*]);
        }
    };
}

mistakes! {
    async_as_blocking
    blocking_result
    borrowed_by_a_closure
    borrowed_bytes
    borrowed_text
    called
    export_async_as_blocking
    export_borrowed_result
    export_borrowed_text
    export_error
    export_generic
    export_handler_of_a_struct
    export_local_object
    export_long_integer
    export_method
    export_nine_arguments
    export_not_send
    export_on_a_type
    export_pattern
    export_set
    export_struct_argument
    export_struct_result
    export_sync_without_a_word
    export_unsafe
    export_words
    handler_of_size
    handler_that_answers_with_an_object
    held_across_an_await
    list
    local_in_a_tokio_driven_function
    methods_of_a_trait
    methods_receivers
    methods_types
    methods_without_an_object
    methods_words
    moved_out_of_a_closure
    nine_arguments
    no_error
    not_send
    object_not_sync
    object_on_others
    option
    record_field
    record_generic
    record_map_keys
    record_option_of_option
    record_reference
    record_without_a_value
    reference_as_a_result
    result_of_size
    sent_to_a_thread
    shared_without_a_name
    size
    struct_as_a_result
    struct_as_an_argument
    sync_as_async
    value_of_ones_own
}

/// The words that must be in the message about a line, and the message.
#[derive(Default)]
struct Line {
    expected: Vec<String>,
    message: String,
}

fn check(name: &str) {
    let file = directory().join(name).with_extension("rs");
    let mut lines: BTreeMap<usize, Line> = BTreeMap::new();
    let mut code = 0;
    let source = fs::read_to_string(&file).expect("a source");
    for (index, line) in source.lines().enumerate() {
        let (before, words) = line.split_once("//~").unwrap_or((line, ""));
        if !before.trim().is_empty() {
            code = index + 1;
        }
        if !words.is_empty() {
            let expected = &mut lines.entry(code).or_default().expected;
            expected.push(words.trim().to_owned());
        }
    }
    let output = compile(&file);
    for error in output
        .split("\nerror")
        .filter(|error| error.contains("--> "))
    {
        let line = line(error).unwrap_or_else(|| panic!("no line in: {error}"));
        // Without the source's own comments, which the compiler quotes.
        let messages = error
            .lines()
            .map(|line| line.split("//~").next().unwrap_or(line));
        lines.entry(line).or_default().message += &messages.collect::<Vec<_>>().join("\n");
    }
    assert!(!lines.is_empty(), "it compiles");
    for (number, line) in lines {
        assert!(
            !line.expected.is_empty(),
            "line {number} is right, but {}",
            line.message
        );
        for words in line.expected {
            assert!(
                line.message.contains(&words),
                "line {number}, without {words}, but {output}"
            );
        }
    }
}

/// The line of code that an error names first.
fn line(error: &str) -> Option<usize> {
    let (_, place) = error.split_once("--> ")?;
    place.lines().next()?.rsplit(':').nth(1)?.parse().ok()
}

/// The compiler's messages about a library with this source.
fn compile(file: &Path) -> String {
    let (dependencies, library) = library();
    let output = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args([
            "--edition=2024",
            "--crate-type=lib",
            "--emit=metadata",
            "--color=never",
        ])
        .args(["--diagnostic-width=300", "--allow=dead_code", "--out-dir"])
        .arg(env!("CARGO_TARGET_TMPDIR"))
        .arg("-L")
        .arg(format!("dependency={}", dependencies.display()))
        .arg("--extern")
        .arg(format!("loopbridge={}", library.display()))
        .arg(file)
        // The compiler finds the lines of this crate that it quotes from here, as for a crate that depends on it.
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .output()
        .expect("a compiler");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "it compiles: {errors}");
    format!("\n{errors}")
}

/// The folder of this crate's build and of those it depends on, and its file: the newest is the build of this test.
fn library() -> (PathBuf, PathBuf) {
    let test = std::env::current_exe().expect("a test");
    let built = test.parent().expect("a directory").to_path_buf();
    let newest = fs::read_dir(&built)
        .expect("a directory")
        .map(|file| file.expect("a file"))
        .filter(|file| {
            let name = file.file_name().to_string_lossy().into_owned();
            name.starts_with("libloopbridge-") && name.ends_with(".rlib")
        })
        .max_by_key(|file| file.metadata().and_then(|data| data.modified()).ok());
    let library = newest.expect("this crate, built").path();
    (built, library)
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes")
}
