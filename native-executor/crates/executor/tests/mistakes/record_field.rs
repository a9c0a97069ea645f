//! The fields of a record cross too.

struct Point {
    x: f64,
}

#[loopbridge::record]
struct Line {
    name: String,
    from: Point, //~ `Point` does not cross between Rust and Java
    //~ mark a struct or an enum of your own with #[loopbridge::record]
    through: Vec<Point>, //~ `Point` does not cross between Rust and Java
}

#[loopbridge::record]
enum Figure {
    Line(Line),
    Circle { at: Point, radius: f64 }, //~ `Point` does not cross between Rust and Java
}

#[loopbridge::export]
async fn length(line: Line) -> Figure {
    Figure::Line(line)
}
