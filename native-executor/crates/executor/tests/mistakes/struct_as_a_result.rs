//! A struct cannot be a result.

use loopbridge::Registry;

struct Point {
    x: f64,
}

async fn origin() -> Point {
    Point { x: 0.0 }
}

fn register(functions: &mut Registry) {
    functions.local("origin", origin); //~ `Point` does not go to Java
    //~ mark a struct or an enum of your own with #[loopbridge::record]
}
