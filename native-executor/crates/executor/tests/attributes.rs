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

use std::sync::Mutex;

use loopbridge::{Data, Registry, Reply, Shared};

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

/// What all loops draw on.
#[loopbridge::object]
#[derive(Debug, Default)]
pub struct Canvas {
    figures: Mutex<Vec<Figure>>,
}

#[loopbridge::export]
impl Canvas {
    const MOST: usize = 100;

    /// Makes an empty one.
    ///
    /// # Errors
    ///
    /// If the first figure is none.
    pub async fn open(first: Option<Figure>) -> Result<Self, std::io::Error> {
        let canvas = Self::default();
        canvas.keep(first.into_iter().collect());
        Ok(canvas)
    }

    /// Draws figures.
    pub async fn draw(&self, figures: Vec<Figure>) -> bool {
        let fits = figures.len() <= Self::MOST;
        if fits {
            self.keep(figures);
        }
        fits
    }

    /// Counts them.
    #[loopbridge::export(blocking, name = "count")]
    #[must_use]
    pub fn size(&self) -> Option<u32> {
        u32::try_from(self.figures.lock().ok()?.len()).ok()
    }

    /// Never there.
    #[cfg(any())]
    pub async fn never(&self, of: NoSuchType) {}

    fn keep(&self, figures: Vec<Figure>) {
        if let Ok(mut all) = self.figures.lock() {
            all.extend(figures);
        }
    }
}

impl Canvas {
    /// Java does not call this.
    pub fn clear(&self) {
        if let Ok(mut all) = self.figures.lock() {
            all.clear();
        }
    }
}

/// Counts the figures of two.
#[loopbridge::export(local)]
pub async fn size_of_both(one: Shared<Canvas>, other: Shared<Canvas>) -> Option<u32> {
    Some(one.size()? + other.size()?)
}

/// Functions whose names the attributes' code might have too.
mod named {
    #[loopbridge::export]
    pub(crate) async fn register(to: i64) -> i64 {
        to
    }

    #[loopbridge::export(blocking)]
    pub(crate) fn assertions() {}

    #[loopbridge::export(blocking)]
    pub(crate) fn to(register: bool) -> bool {
        register
    }

    #[loopbridge::export(blocking)]
    pub(crate) fn call() {}
}

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
    let canvas = Shared::new(Canvas::open(Some(Figure::Empty)).await.expect("a canvas"));
    assert!(canvas.draw(vec![Figure::Empty]).await);
    assert_eq!(size_of_both(canvas.clone(), canvas.clone()).await, Some(4));
    canvas.clear();
    assert_eq!(canvas.size(), Some(0));
}

#[test]
fn objects_have_their_methods() {
    let mut registry = Registry::default();
    registry.add_exported();
    let lines: Vec<String> = registry.signatures().collect();
    let of_objects = lines.iter().filter(|line| line.contains("Canvas"));
    assert_eq!(
        of_objects.collect::<Vec<_>>(),
        [
            "async Canvas.draw(object<Canvas>,{list<#Figure>})->bool",
            "async Canvas.open({#Figure?})->object<Canvas>",
            "blocking Canvas.count(object<Canvas>)->{u32?}",
            "local size_of_both(object<Canvas>,object<Canvas>)->{u32?}",
        ]
    );
    assert!(registry.types().any(|line| line == "object Canvas"));
}

#[test]
fn functions_may_have_any_name() {
    let mut registry = Registry::default();
    registry.add_exported();
    let lines: Vec<String> = registry.signatures().collect();
    for line in [
        "async register(i64)->i64",
        "blocking assertions()->unit",
        "blocking call()->unit",
        "blocking to(bool)->bool",
    ] {
        assert!(lines.iter().any(|it| it == line), "{line} in {lines:?}");
    }
}

#[test]
fn a_registry_by_hand_has_nothing_of_the_attributes() {
    assert_eq!(Registry::default().types().count(), 0);
}
