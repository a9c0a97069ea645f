//! The attributes in a crate with the strictest lints.

#![forbid(unsafe_code)]
#![deny(
    missing_docs,
    unused,
    nonstandard_style,
    future_incompatible,
    rust_2018_idioms,
    clippy::all,
    clippy::pedantic
)]

use std::collections::HashMap;

use loopbridge::{Data, Registry, Reply};

/// A record that others may name.
#[loopbridge::record]
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Downwards.
    pub y: f64,
}

/// All kinds of variants.
#[loopbridge::record]
#[derive(Debug, Clone)]
pub enum Figure {
    /// Nothing.
    Empty,
    /// A point.
    Point(Point),
    /// A circle.
    Circle {
        /// Its center.
        at: Point,
        /// Its radius.
        radius: f64,
    },
}

mod inner {
    /// Names are not prelude names by accident: the attributes' code does not rely on the prelude.
    #[allow(dead_code)]
    pub(super) enum Option {}
    #[allow(dead_code)]
    pub(super) enum Result {}

    #[loopbridge::record]
    #[derive(Debug, Clone, Copy, PartialEq)]
    pub(crate) struct Size {
        pub(crate) width: u16,
        pub(crate) height: u16,
    }

    /// Turns it.
    #[loopbridge::export]
    pub(crate) async fn turn(size: Size) -> Size {
        Size {
            width: size.height,
            height: size.width,
        }
    }
}

/// Counts the figures of each kind.
///
/// # Errors
///
/// If there are none.
#[loopbridge::export(name = "countFigures")]
pub async fn count(figures: Vec<Figure>) -> Result<HashMap<String, u32>, std::io::Error> {
    if figures.is_empty() {
        return Err(std::io::ErrorKind::InvalidInput.into());
    }
    let mut counts = HashMap::new();
    for figure in figures {
        let kind = match figure {
            Figure::Empty => "empty",
            Figure::Point(_) => "point",
            Figure::Circle { .. } => "circle",
        };
        *counts.entry(kind.to_owned()).or_insert(0) += 1;
    }
    Ok(counts)
}

/// Takes nothing, for long.
#[loopbridge::export(heavy)]
pub async fn rest() {}

fn crosses<T: Data + Reply>() {}

#[test]
fn the_types_cross() {
    crosses::<Point>();
    crosses::<Vec<Option<Figure>>>();
    crosses::<inner::Size>();
}

#[test]
fn rust_still_calls_the_functions() {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(call_them());
}

async fn call_them() {
    let size = inner::Size {
        width: 1,
        height: 2,
    };
    assert_eq!(inner::turn(size).await.width, 2);
    assert!(count(Vec::new()).await.is_err());
    let counts = count(vec![Figure::Empty, Figure::Empty]).await;
    assert_eq!(counts.expect("counts")["empty"], 2);
}

#[test]
fn a_registry_by_hand_has_nothing_of_the_attributes() {
    assert_eq!(Registry::default().types().count(), 0);
}
