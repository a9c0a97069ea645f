//! What the attributes of this library and of the crates in it have exported.
//!
//! Each attribute submits an [`Item`] to a list that the crate `inventory` collects when the library is loaded, before
//! `JNI_OnLoad`. The list refers to each item's blob, so that a linker that drops unused data keeps the blobs.

use super::registry::Registry;
use crate::codec::blob::line_of;

/// A function or type that an attribute exports.
#[doc(hidden)]
#[derive(Debug)]
pub struct Item {
    blob: &'static [u8],
    /// The module with the attribute.
    module: &'static str,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Function(fn(&mut Registry)),
    Type,
    Library,
}

impl Item {
    pub const fn function(
        blob: &'static [u8],
        module: &'static str,
        register: fn(&mut Registry),
    ) -> Item {
        Item {
            blob,
            module,
            kind: Kind::Function(register),
        }
    }

    pub const fn of_type(blob: &'static [u8], module: &'static str) -> Item {
        Item {
            blob,
            module,
            kind: Kind::Type,
        }
    }

    /// What says which library this is.
    pub const fn library(blob: &'static [u8]) -> Item {
        Item {
            blob,
            module: "",
            kind: Kind::Library,
        }
    }
}

inventory::collect!(Item);

impl Registry {
    /// Adds what attributes have exported, in this crate and in those it uses: the functions, then the types, each in
    /// the order of their texts.
    ///
    /// [`library!`](crate::library) does this after its own function has run. A test may do it, to compare the result.
    pub fn add_exported(&mut self) -> &mut Registry {
        let items = inventory::iter::<Item>.into_iter();
        let mut items: Vec<(&str, &Item)> = items.map(|item| (line_of(item.blob), item)).collect();
        items.sort_by_key(|(line, _)| *line);
        for (line, item) in items {
            match item.kind {
                Kind::Function(register) => register(self),
                Kind::Type => self.add_type(line, item.module),
                Kind::Library => {}
            }
        }
        self
    }
}
