//! Refuses types whose tokens alone show that they cannot cross. The emitted code asserts that the others do.

use quote::ToTokens;
use syn::{Error, GenericArgument, PathArguments, Type, TypeReference};

/// Checks a type that is an argument, a result or a field.
pub(crate) fn check(of: &Type) -> Result<(), Error> {
    match of {
        Type::Reference(reference) => Err(Error::new_spanned(
            reference,
            format!(
                "a reference does not cross between Rust and Java: use `{}`, the value itself",
                owned(reference)
            ),
        )),
        Type::ImplTrait(of) => Err(Error::new_spanned(
            of,
            "Java has to know the type: name it in place of `impl ..`",
        )),
        Type::Paren(of) => check(&of.elem),
        Type::Group(of) => check(&of.elem),
        Type::Path(path) => {
            let segments = path.path.segments.iter();
            let of = segments.filter_map(|segment| match &segment.arguments {
                PathArguments::AngleBracketed(of) => Some(&of.args),
                _ => None,
            });
            let mut of = of.flatten().filter_map(|argument| match argument {
                GenericArgument::Type(of) => Some(of),
                _ => None,
            });
            of.try_for_each(check)
        }
        _ => Ok(()),
    }
}

/// What to write in place of a reference.
fn owned(reference: &TypeReference) -> String {
    let of = match &*reference.elem {
        Type::Slice(slice) => format!("Vec<{}>", slice.elem.to_token_stream()),
        of => of.to_token_stream().to_string(),
    };
    match of.as_str() {
        "str" => "String".to_owned(),
        _ => of,
    }
}
