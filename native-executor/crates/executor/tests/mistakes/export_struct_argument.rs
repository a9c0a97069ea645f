//! A struct without the attribute cannot be an argument.

struct Point {
    x: f64,
    y: f64,
}

#[loopbridge::export]
async fn length(
    times: i64,
    point: Point, //~ `Point` does not come from Java as an argument
    //~ mark a struct or an enum of your own with #[loopbridge::record]
) -> f64 {
    times as f64 * point.x.hypot(point.y)
}
