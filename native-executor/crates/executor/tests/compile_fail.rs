//! What the types refuse: a pinned object off its loop.

/// The compiler's words are compared with those recorded, which another version may put otherwise; that such code does not
/// compile at all the examples in the documentation of `Local` and `OnLoop` show with any version.
const RECORDED_WITH: &str = "1.95";

#[test]
fn a_pinned_object_stays_on_its_loop() {
    let version = std::process::Command::new("rustc")
        .arg("--version")
        .output();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let version = version.expect("a Rust toolchain");
    if version.starts_with(&format!("rustc {RECORDED_WITH}.")) {
        trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
    } else {
        println!("compiler messages are recorded with Rust {RECORDED_WITH}, this is {version}");
    }
}
