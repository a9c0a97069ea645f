//! `#[object]` on a struct or an enum.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Attribute, Error, Generics, Ident, Item};

use crate::text::{Text, name_of};

pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let object = check(options).and_then(|()| implement(&syn::parse2(item.clone())?));
    let object = object.unwrap_or_else(|error| error.to_compile_error());
    quote!(#item #object)
}

fn check(options: TokenStream) -> Result<(), Error> {
    match options.is_empty() {
        true => Ok(()),
        false => Err(Error::new_spanned(options, "#[object] takes no words")),
    }
}

fn implement(item: &Item) -> Result<TokenStream, Error> {
    let (ident, generics, attributes): (&Ident, &Generics, &[Attribute]) = match item {
        Item::Struct(of) => (&of.ident, &of.generics, &of.attrs),
        Item::Enum(of) => (&of.ident, &of.generics, &of.attrs),
        Item::Impl(of) => {
            let reason =
                "#[object] marks the struct or the enum; its `impl` has #[loopbridge::export]";
            return Err(Error::new(of.impl_token.span, reason));
        }
        item => {
            let reason = "#[object] marks a struct or an enum";
            return Err(Error::new_spanned(item, reason));
        }
    };
    if let Some(parameter) = generics.params.first() {
        let reason = "an object's type is one class in Java, of one known type: leave out the parameters in `<..>`";
        return Err(Error::new_spanned(parameter, reason));
    }
    let name = name_of(ident);
    let mut text = Text::default();
    text.put(&format!("object {name}"));
    text.put_doc("", attributes);
    let blob = text.into_blob();
    let conditions = attributes.iter().filter(|it| it.path().is_ident("cfg"));
    let implementation = quote_spanned!(ident.span()=> ::loopbridge::__object!(#ident, #name););
    Ok(quote! {
        #(#conditions)*
        const _: () = {
            #implementation

            #blob

            ::loopbridge::expanded::inventory::submit! {
                ::loopbridge::expanded::Item::of_type(&__LOOPBRIDGE_BLOB, ::core::module_path!())
            }
        };
    })
}
