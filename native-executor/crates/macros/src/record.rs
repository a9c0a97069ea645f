//! `#[record]` on a struct or an enum.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DataEnum, DeriveInput, Error, Ident, Item};

use crate::shape::Shape;
use crate::text::{Text, name_of};

/// The index of a variant has 16 bits.
const MOST_VARIANTS: usize = 1 << 16;

/// Adds the derive that does the work.
pub(crate) fn mark(options: TokenStream, item: TokenStream) -> TokenStream {
    match check(options, &item) {
        Ok(()) => quote!(#[derive(::loopbridge::expanded::Record)] #item),
        Err(error) => {
            let error = error.to_compile_error();
            quote!(#error #item)
        }
    }
}

fn check(options: TokenStream, item: &TokenStream) -> Result<(), Error> {
    if !options.is_empty() {
        return Err(Error::new_spanned(options, "#[record] takes no words"));
    }
    match syn::parse2::<Item>(item.clone())? {
        Item::Struct(_) | Item::Enum(_) => Ok(()),
        Item::Fn(function) => Err(Error::new_spanned(
            function.sig.fn_token,
            "#[record] marks a struct or an enum: a function that Java calls has #[loopbridge::export]",
        )),
        item => Err(Error::new_spanned(
            item,
            "#[record] marks a struct or an enum",
        )),
    }
}

pub(crate) fn derive(item: TokenStream) -> TokenStream {
    syn::parse2(item)
        .and_then(|item| expand(&item))
        .unwrap_or_else(|error| error.to_compile_error())
}

fn expand(item: &DeriveInput) -> Result<TokenStream, Error> {
    if let Some(parameter) = item.generics.params.first() {
        return Err(Error::new_spanned(
            parameter,
            "a record is one class in Java, with fields of known types that it owns: leave out the parameters in `<..>`",
        ));
    }
    match &item.data {
        Data::Struct(of) => {
            let shape = Shape::new(&of.fields)?;
            Ok(expand_struct(item, &shape))
        }
        Data::Enum(of) => expand_enum(item, of),
        Data::Union(of) => Err(Error::new_spanned(
            of.union_token,
            "#[record] marks a struct or an enum",
        )),
    }
}

fn expand_struct(item: &DeriveInput, shape: &Shape<'_>) -> TokenStream {
    let mut text = Text::default();
    text.put(&format!("record {}{{", name_of(&item.ident)));
    shape.put(&mut text);
    text.put("}");
    text.put_doc("", &item.attrs);
    shape.put_docs("", &mut text);
    let (braces, sizes) = (shape.braces(), shape.sizes());
    let (size, write, read) = (shape.size(), shape.write(), shape.read());
    let methods = quote! {
        const SIZE: ::loopbridge::expanded::Size = ::loopbridge::expanded::Size::of_all(#sizes);

        #[inline]
        fn encoded_size(&self) -> usize {
            let Self #braces = self;
            #size
        }

        #[inline]
        fn encode(&self, to: &mut ::loopbridge::expanded::Writer<'_>) {
            let Self #braces = self;
            #write
        }

        #[inline]
        fn decode(
            from: &mut ::loopbridge::expanded::Reader<'_>,
        ) -> ::core::result::Result<Self, ::loopbridge::expanded::Mismatch> {
            from.nested(|from| {
                #read
                ::core::result::Result::Ok(Self #braces)
            })
        }
    };
    implementation(&item.ident, text, &shape.assertions(), &methods)
}

fn expand_enum(item: &DeriveInput, of: &DataEnum) -> Result<TokenStream, Error> {
    let name = name_of(&item.ident);
    if of.variants.is_empty() {
        let reason = "an enum without variants has no value that could cross";
        return Err(Error::new_spanned(&item.ident, reason));
    }
    if let Some(variant) = of.variants.iter().nth(MOST_VARIANTS) {
        let reason = "an enum that crosses has at most 65536 variants";
        return Err(Error::new_spanned(variant, reason));
    }
    let mut text = Text::default();
    text.put(&format!("enum {name}{{"));
    let mut docs = Text::default();
    let mut assertions = TokenStream::new();
    let mut plain = true;
    let (mut sizes, mut writes, mut reads) = (Vec::new(), Vec::new(), Vec::new());
    for (index, variant) in of.variants.iter().enumerate() {
        let shape = Shape::new(&variant.fields)?;
        let (ident, index) = (&variant.ident, index as u16);
        let variant_name = name_of(ident);
        text.put(if index == 0 { "" } else { "," });
        text.put(&variant_name);
        docs.put_doc(&variant_name, &variant.attrs);
        if !shape.is_empty() {
            plain = false;
            text.put("{");
            shape.put(&mut text);
            text.put("}");
            shape.put_docs(&format!("{variant_name}."), &mut docs);
        }
        assertions.extend(shape.assertions());
        let (braces, size, write, read) =
            (shape.braces(), shape.size(), shape.write(), shape.read());
        sizes.push(quote!(Self::#ident #braces => #size,));
        writes.push(quote!(Self::#ident #braces => { to.variant(#index); #write }));
        reads.push(quote!(#index => { #read Self::#ident #braces }));
    }
    text.put("}");
    text.put_doc("", &item.attrs);
    text.append(docs);
    let size = match plain {
        true => quote!(exact),
        false => quote!(at_least),
    };
    let last = (of.variants.len() - 1) as u16;
    let methods = quote! {
        const SIZE: ::loopbridge::expanded::Size = ::loopbridge::expanded::Size::#size(2);

        #[inline]
        fn encoded_size(&self) -> usize {
            2 + match self { #(#sizes)* }
        }

        #[inline]
        fn encode(&self, to: &mut ::loopbridge::expanded::Writer<'_>) {
            match self { #(#writes)* }
        }

        #[inline]
        fn decode(
            from: &mut ::loopbridge::expanded::Reader<'_>,
        ) -> ::core::result::Result<Self, ::loopbridge::expanded::Mismatch> {
            from.nested(|from| {
                ::core::result::Result::Ok(match from.variant()? {
                    #(#reads)*
                    other => {
                        let unknown = ::loopbridge::expanded::no_variant(#name, other, #last);
                        return ::core::result::Result::Err(unknown);
                    }
                })
            })
        }
    };
    Ok(implementation(&item.ident, text, &assertions, &methods))
}

fn implementation(
    ident: &Ident,
    text: Text,
    assertions: &TokenStream,
    methods: &TokenStream,
) -> TokenStream {
    let name = name_of(ident);
    let blob = text.into_blob();
    quote! {
        const _: () = {
            #[allow(unused_imports)]
            use ::loopbridge::expanded::NoField as _;

            #[automatically_derived]
            impl ::loopbridge::Data for #ident {
                const SHAPE: ::loopbridge::expanded::ValueType =
                    ::loopbridge::expanded::ValueType::Named(#name);
                #methods
            }

            ::loopbridge::__value_of_data!(#ident);

            const _: () = { #assertions };

            #blob

            ::loopbridge::expanded::inventory::submit! {
                ::loopbridge::expanded::Item::of_type(&__LOOPBRIDGE_BLOB, ::core::module_path!())
            }
        };
    }
}
