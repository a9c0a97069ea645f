//! `#[export]` on a function.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    Attribute, Error, FnArg, Ident, Item, ItemEnum, ItemStruct, ReturnType, Signature, Type,
};

use crate::checks::{Mistakes, argument_name, check_form, check_kind, check_receiver};
use crate::methods::{self, Owner};
use crate::options::{Kind, Options};
use crate::text::{Text, name_of};
use crate::types;

/// How many arguments a function may have.
const MOST_ARGUMENTS: usize = 8;

pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let parsed = syn::parse2::<Item>(item.clone());
    if let Ok(Item::Impl(block)) = parsed {
        return methods::expand(options, block);
    }
    let exported = parsed
        .and_then(|item| Options::parse(options).and_then(|options| expand_item(&options, &item)));
    let exported = exported.unwrap_or_else(|error| error.to_compile_error());
    // The function itself stays as it is, also if it cannot be exported: each mistake is reported once.
    quote!(#item #exported)
}

fn expand_item(options: &Options, item: &Item) -> Result<TokenStream, Error> {
    match item {
        Item::Fn(function) => {
            Function::new(options, &function.attrs, &function.sig, None).map(Function::expand)
        }
        Item::Struct(ItemStruct { ident, .. }) | Item::Enum(ItemEnum { ident, .. }) => {
            let reason = "#[export] marks functions: a type whose values cross has #[loopbridge::record], and one of \
                          objects #[loopbridge::object]";
            Err(Error::new_spanned(ident, reason))
        }
        _ => Err(Error::new_spanned(
            item,
            "#[export] marks a function, or the `impl` of an object",
        )),
    }
}

/// A function whose tokens are those of one that can be exported.
pub(crate) struct Function<'a> {
    ident: &'a Ident,
    name: String,
    kind: Kind,
    /// Without the receiver.
    arguments: Vec<(String, Type)>,
    result: Type,
    attributes: &'a [Attribute],
    /// The type in whose `impl` the function is.
    owner: Option<&'a Owner>,
    has_receiver: bool,
}

impl<'a> Function<'a> {
    pub(crate) fn new(
        options: &Options,
        attributes: &'a [Attribute],
        signature: &'a Signature,
        owner: Option<&'a Owner>,
    ) -> Result<Function<'a>, Error> {
        let mut mistakes = Mistakes::default();
        mistakes.note(check_kind(options, signature));
        mistakes.note(check_form(signature));
        let resolved = |of: &Type| match owner {
            Some(owner) => owner.resolve(of),
            None => of.clone(),
        };
        let has_receiver = signature.receiver().is_some();
        let mut arguments = Vec::new();
        for (place, argument) in signature.inputs.iter().enumerate() {
            match argument {
                FnArg::Typed(typed) => {
                    mistakes.note(types::check(&typed.ty));
                    // Among those that Java's method has.
                    let place = place - usize::from(has_receiver);
                    let name = argument_name(&typed.pat, place);
                    arguments.extend(mistakes.note(name).map(|name| (name, resolved(&typed.ty))));
                }
                FnArg::Receiver(receiver) => {
                    mistakes.note(check_receiver(receiver, owner));
                }
            }
        }
        if let Some(ninth) = signature.inputs.iter().nth(MOST_ARGUMENTS) {
            let reason = match has_receiver {
                false => {
                    "a function has at most eight arguments: put some of them into a struct with #[loopbridge::record]"
                }
                true => {
                    "a method has at most seven arguments behind its `&self`: put some of them into a struct with \
                     #[loopbridge::record]"
                }
            };
            mistakes.note::<()>(Err(Error::new_spanned(ninth, reason)));
        }
        let result = match &signature.output {
            ReturnType::Default => syn::parse_quote!(()),
            ReturnType::Type(_, of) => {
                mistakes.note(types::check(of));
                resolved(of)
            }
        };
        mistakes.into_result()?;
        let name = options.name.as_ref().map(syn::LitStr::value);
        let name = name.unwrap_or_else(|| name_of(&signature.ident));
        Ok(Function {
            ident: &signature.ident,
            name: match owner {
                Some(owner) => format!("{}.{name}", owner.name),
                None => name,
            },
            kind: options.kind,
            arguments,
            result,
            attributes,
            owner,
            has_receiver,
        })
    }

    pub(crate) fn expand(self) -> TokenStream {
        let Function {
            ident, name, kind, ..
        } = &self;
        let conditions = self.attributes.iter();
        let conditions = conditions.filter(|it| it.path().is_ident("cfg"));
        // The types themselves are not repeated here: where one is wrong, that is reported once, where it is written.
        let inferred = self.receiver().into_iter().chain(self.types().cloned());
        let inferred = inferred.map(|_| quote!(_,));
        let register = format_ident!("register_{}", kind.word());
        let (target, method) = match self.owner {
            None => (quote!(#ident), None),
            Some(owner) => (quote!(call), Some(self.method(owner))),
        };
        // What the compiler finds wrong here, it shows at the function.
        let at_function = Span::call_site().located_at(ident.span());
        // The names here are ones that no exported function has: they would hide it.
        let registration = quote_spanned! {at_function=>
            fn __loopbridge_register(__loopbridge_to: &mut ::loopbridge::Registry) {
                ::loopbridge::expanded::Exported::<(#(#inferred)*), _>::new(#name, #target).#register(__loopbridge_to);
            }
        };
        let assertions = self.assertions();
        let blob = self.text().into_blob();
        quote! {
            #(#conditions)*
            const _: () = {
                #[allow(unused_imports)]
                use ::loopbridge::expanded::{NoSignature as _, NotExported as _};

                #method

                #registration

                #[allow(dead_code, deprecated, unreachable_code, clippy::all, clippy::pedantic)]
                fn __loopbridge_assertions() {
                    #assertions
                }

                #blob

                ::loopbridge::expanded::inventory::submit! {
                    ::loopbridge::expanded::Item::function(
                        &__LOOPBRIDGE_BLOB,
                        ::core::module_path!(),
                        __loopbridge_register,
                    )
                }
            };
        }
    }

    fn types(&self) -> impl Iterator<Item = &Type> {
        self.arguments.iter().map(|(_, of)| of)
    }

    /// The type of the object that Java passes, if the function has one.
    fn receiver(&self) -> Option<Type> {
        let owner = self.owner.filter(|_| self.has_receiver);
        owner.map(Owner::receiver)
    }

    /// The function `call`, which calls the method and has the object as its first argument.
    fn method(&self, owner: &Owner) -> TokenStream {
        let (ident, of, result) = (self.ident, &owner.of, &self.result);
        let receiver = self.receiver();
        let receiver = receiver.map(|receiver| quote_spanned!(of.span()=> object: #receiver,));
        let object = receiver.as_ref().map(|_| quote!(&object,));
        let names = (0..self.arguments.len()).map(|place| format_ident!("argument{place}"));
        let names: Vec<Ident> = names.collect();
        let types = self.types();
        let call = quote!(<#of>::#ident(#object #(#names),*));
        let (result, call) = match self.kind {
            Kind::Blocking => (quote!(#result), call),
            // The future of an `async fn` would have room for each argument twice.
            _ => (
                quote!(impl ::core::future::Future<Output = #result>),
                quote!(async move { #call.await }),
            ),
        };
        quote! {
            #[allow(deprecated, clippy::all, clippy::pedantic)]
            fn call(#receiver #(#names: #types),*) -> #result {
                #call
            }
        }
    }

    /// Asserts what only the compiler knows, each at the place of the type.
    fn assertions(&self) -> TokenStream {
        let mut assertions = TokenStream::new();
        let mut assert = |of: &Type, assertion: &str| {
            let assertion = Ident::new(assertion, of.span());
            assertions.extend(quote_spanned! {of.span()=>
                ::loopbridge::expanded::#assertion::<#of>();
            });
        };
        for of in self.types() {
            assert(of, "assert_argument");
        }
        assert(&self.result, "assert_result");
        if self.kind != Kind::Local {
            for of in self.types() {
                assert(of, "assert_leaves_loop");
            }
            assert(&self.result, "assert_leaves_loop");
        }
        if matches!(self.kind, Kind::Async | Kind::Heavy) {
            let ident = self.ident;
            let function = match self.owner {
                None => quote!(#ident),
                Some(Owner { of, .. }) => quote!(<#of>::#ident),
            };
            let any = |of: Span| quote_spanned!(of=> ::loopbridge::expanded::any());
            let object = self.has_receiver.then(|| ident.span());
            let arguments = object.into_iter().chain(self.types().map(Spanned::span));
            let arguments = arguments.map(any);
            assertions.extend(quote_spanned! {ident.span()=>
                ::loopbridge::expanded::assert_send(|| #function(#(#arguments),*));
            });
        }
        assertions
    }

    fn text(&self) -> Text {
        let mut text = Text::default();
        text.put(&format!("{} {}(", self.kind.word(), self.name));
        let receiver = self.receiver();
        for (place, of) in receiver.iter().chain(self.types()).enumerate() {
            text.put(if place == 0 { "" } else { "," });
            text.put_type(
                quote_spanned!(of.span()=> ::loopbridge::expanded::Signature::<#of>::ARGUMENT),
            );
        }
        text.put(")->");
        let result = &self.result;
        text.put_type(
            quote_spanned!(result.span()=> ::loopbridge::expanded::Signature::<#result>::RESULT),
        );
        text.put_doc("", self.attributes);
        let names: Vec<&str> = self.arguments.iter().map(|(name, _)| &**name).collect();
        text.put(&format!("\nparams {}", names.join(",")));
        text
    }
}
