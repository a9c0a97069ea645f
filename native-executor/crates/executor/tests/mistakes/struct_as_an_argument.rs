//! A struct cannot be an argument.

use loopbridge::Registry;

struct Point {
    x: f64,
    y: f64,
}

async fn length(point: Point) -> f64 {
    point.x.hypot(point.y)
}

fn register(functions: &mut Registry) {
    functions.function("length", length); //~ `Point` does not come from Java as an argument
    //~ mark a struct or an enum of your own with #[loopbridge::record]
}
