//! A struct without the attribute cannot be a result.

struct Point {
    x: f64,
}

#[loopbridge::export]
async fn origin()
-> Point //~ `Point` does not go to Java
//~ mark a struct or an enum of your own with #[loopbridge::record]
{
    Point { x: 0.0 }
}

#[loopbridge::export(blocking)]
fn origins()
-> Result<Vec<Point>, String> //~ `Point` does not cross between Rust and Java
{
    Ok(vec![Point { x: 0.0 }])
}
