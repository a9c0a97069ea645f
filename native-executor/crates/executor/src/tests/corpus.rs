//! Inputs of the fuzzer that cover a branch of their own, run as tests.

use std::fs;
use std::path::Path;

use crate::fuzz;

fn replay(target: &str, body: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let files = fs::read_dir(corpus.join(target)).expect("a corpus");
    let mut replayed = 0;
    for file in files {
        body(&fs::read(file.expect("a file").path()).expect("its bytes"));
        replayed += 1;
    }
    assert!(replayed >= 10, "{replayed} files in {target}");
}

#[test]
fn submissions_are_decoded_exactly_or_refused() {
    replay("submissions", fuzz::submissions);
}

#[test]
fn outcomes_are_decoded_exactly_or_refused() {
    replay("outcomes", fuzz::outcomes);
}

#[test]
fn arguments_are_decoded_exactly_or_refused() {
    replay("arguments", fuzz::arguments);
}
