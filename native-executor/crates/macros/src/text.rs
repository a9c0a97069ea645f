//! The text that describes an item in the library's file: see `blob.rs` in the crate `loopbridge`.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// A text that is not complete before the compiler knows the names of its types.
#[derive(Default)]
pub(crate) struct Text {
    pieces: Vec<TokenStream>,
    /// What stands behind the last piece.
    end: String,
}

impl Text {
    pub(crate) fn put(&mut self, text: &str) {
        self.end.push_str(text);
    }

    /// Adds the name of a type: an expression of type `ValueType`.
    pub(crate) fn put_type(&mut self, of: TokenStream) {
        self.finish_text();
        self.pieces
            .push(quote!(::loopbridge::expanded::Piece::Type(#of)));
    }

    /// Adds a line with the documentation of a part, if there is any.
    pub(crate) fn put_doc(&mut self, path: &str, attributes: &[Attribute]) {
        let doc = doc_of(attributes);
        if !doc.is_empty() {
            let doc = doc.replace('\\', "\\\\");
            let doc = doc.replace('\n', "\\n").replace('\t', "\\t");
            self.end.push_str(&format!("\ndoc {path}\t{doc}"));
        }
    }

    /// Adds a text of no types.
    pub(crate) fn append(&mut self, text: Text) {
        debug_assert!(text.pieces.is_empty(), "documentation names no types");
        self.end.push_str(&text.end);
    }

    fn finish_text(&mut self) {
        let text = std::mem::take(&mut self.end);
        if !text.is_empty() {
            self.pieces
                .push(quote!(::loopbridge::expanded::Piece::Text(#text)));
        }
    }

    /// Returns the definition of the static `__LOOPBRIDGE_BLOB` with this text.
    pub(crate) fn into_blob(mut self) -> TokenStream {
        self.finish_text();
        let pieces = self.pieces;
        quote!(::loopbridge::__blob!(__LOOPBRIDGE_BLOB: &[#(#pieces),*]);)
    }
}

/// Returns the documentation as it was written, without the blank that stands before each of its lines.
fn doc_of(attributes: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attribute in attributes {
        let Meta::NameValue(meta) = &attribute.meta else {
            continue;
        };
        if !meta.path.is_ident("doc") {
            continue;
        }
        if let Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) = &meta.value
        {
            let text = text.value();
            lines.extend(text.split('\n').map(|line| {
                let line = line.strip_prefix(' ').unwrap_or(line);
                line.trim_end().to_owned()
            }));
        }
    }
    lines.join("\n").trim_matches('\n').to_owned()
}

/// Returns a name without the `r#` that makes a keyword a name.
pub(crate) fn name_of(ident: &Ident) -> String {
    ident.unraw().to_string()
}
