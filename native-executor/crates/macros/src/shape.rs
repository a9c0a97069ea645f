//! The fields and variants of a type, and the code that measures, writes and reads them.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Error, Fields, Member, Type};

use crate::text::{Text, name_of};
use crate::types;

pub(crate) struct Shape<'a>(Vec<Field<'a>>);

struct Field<'a> {
    member: Member,
    of: &'a Type,
    attributes: &'a [Attribute],
    /// What holds the field when the type was taken apart.
    held: Ident,
}

impl Field<'_> {
    /// The name in texts: tuples have numbers.
    fn name(&self) -> String {
        match &self.member {
            Member::Named(ident) => name_of(ident),
            Member::Unnamed(index) => index.index.to_string(),
        }
    }
}

impl<'a> Shape<'a> {
    pub(crate) fn new(fields: &'a Fields) -> Result<Shape<'a>, Error> {
        let with_members = fields.iter().zip(fields.members()).enumerate();
        let fields = with_members.map(|(place, (field, member))| {
            types::check(&field.ty)?;
            Ok(Field {
                member,
                of: &field.ty,
                attributes: &field.attrs,
                held: format_ident!("field{place}"),
            })
        });
        fields.collect::<Result<_, Error>>().map(Shape)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the fields in braces, if there are any.
    pub(crate) fn put(&self, to: &mut Text) {
        for (place, field) in self.0.iter().enumerate() {
            to.put(if place == 0 { "" } else { "," });
            to.put(&field.name());
            to.put(":");
            let of = field.of;
            to.put_type(quote!(::loopbridge::expanded::Field::<#of>::SHAPE));
        }
    }

    /// Adds the documentation of the fields; `path` is what stands before their names.
    pub(crate) fn put_docs(&self, path: &str, to: &mut Text) {
        for field in &self.0 {
            to.put_doc(&format!("{path}{}", field.name()), field.attributes);
        }
    }

    /// Asserts that the fields cross, each at the place of its type.
    pub(crate) fn assertions(&self) -> TokenStream {
        let assertions = self.0.iter().map(|field| {
            let of = field.of;
            quote_spanned!(of.span()=> ::loopbridge::expanded::assert_field::<#of>();)
        });
        assertions.collect()
    }

    /// The pattern that takes the fields apart, and the expression that puts them together.
    pub(crate) fn braces(&self) -> TokenStream {
        let parts = self
            .0
            .iter()
            .map(|Field { member, held, .. }| quote!(#member: #held));
        quote!({ #(#parts),* })
    }

    /// The sizes of the fields' types.
    pub(crate) fn sizes(&self) -> TokenStream {
        let sizes = self
            .0
            .iter()
            .map(|Field { of, .. }| quote!(::loopbridge::expanded::Field::<#of>::SIZE));
        quote!(&[#(#sizes),*])
    }

    /// The size of the fields that were taken apart.
    pub(crate) fn size(&self) -> TokenStream {
        let sizes = self.0.iter().map(|Field { of, held, .. }| {
            quote!(+ ::loopbridge::expanded::Field::<#of>::encoded_size(#held))
        });
        quote!(0 #(#sizes)*)
    }

    pub(crate) fn write(&self) -> TokenStream {
        let writes = self.0.iter().map(|Field { of, held, .. }| {
            quote!(::loopbridge::expanded::Field::<#of>::encode(#held, to);)
        });
        writes.collect()
    }

    /// Reads the fields, each into its variable.
    pub(crate) fn read(&self) -> TokenStream {
        let reads = self.0.iter().map(|Field { of, held, .. }| {
            quote!(let #held = ::loopbridge::expanded::Field::<#of>::decode(from)?;)
        });
        reads.collect()
    }
}
