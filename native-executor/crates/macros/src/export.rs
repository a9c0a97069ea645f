//! `#[export]` on a function.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    Attribute, Error, FnArg, Ident, Item, ItemEnum, ItemFn, ItemStruct, Pat, ReturnType, Type,
};

use crate::options::{Kind, Options};
use crate::text::{Text, name_of};
use crate::types;

/// How many arguments a function may have.
const MOST_ARGUMENTS: usize = 8;

pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let exported = syn::parse2::<Item>(item.clone())
        .and_then(|item| Options::parse(options).and_then(|options| expand_item(&options, &item)));
    let exported = exported.unwrap_or_else(|error| error.to_compile_error());
    // The function itself stays as it is, also if it cannot be exported: each mistake is reported once.
    quote!(#item #exported)
}

fn expand_item(options: &Options, item: &Item) -> Result<TokenStream, Error> {
    match item {
        Item::Fn(function) => Function::new(options, function).map(Function::expand),
        Item::Struct(ItemStruct { ident, .. }) | Item::Enum(ItemEnum { ident, .. }) => {
            let reason =
                "#[export] marks functions: a type whose values cross has #[loopbridge::record]";
            Err(Error::new_spanned(ident, reason))
        }
        _ => Err(Error::new_spanned(item, "#[export] marks a function")),
    }
}

/// A function whose tokens are those of one that can be exported.
struct Function<'a> {
    ident: &'a Ident,
    name: String,
    kind: Kind,
    arguments: Vec<(String, &'a Type)>,
    result: Type,
    attributes: &'a [Attribute],
}

impl<'a> Function<'a> {
    fn new(options: &Options, function: &'a ItemFn) -> Result<Function<'a>, Error> {
        let mut mistakes = Mistakes(None);
        let signature = &function.sig;
        mistakes.note(check_kind(options, function));
        mistakes.note(check_form(function));
        let mut arguments = Vec::new();
        for (place, argument) in signature.inputs.iter().enumerate() {
            match argument {
                FnArg::Typed(typed) => {
                    mistakes.note(types::check(&typed.ty));
                    let name = argument_name(&typed.pat, place);
                    arguments.extend(mistakes.note(name).map(|name| (name, &*typed.ty)));
                }
                FnArg::Receiver(receiver) => {
                    let reason = "a method belongs to an object of Rust's: #[export] marks functions outside of `impl`";
                    mistakes.note::<()>(Err(Error::new_spanned(receiver, reason)));
                }
            }
        }
        if let Some(ninth) = signature.inputs.iter().nth(MOST_ARGUMENTS) {
            let reason = "a function has at most eight arguments: put some of them into a struct with \
                          #[loopbridge::record]";
            mistakes.note::<()>(Err(Error::new_spanned(ninth, reason)));
        }
        let result = match &signature.output {
            ReturnType::Default => syn::parse_quote!(()),
            ReturnType::Type(_, of) => {
                mistakes.note(types::check(of));
                (**of).clone()
            }
        };
        mistakes.into_result()?;
        let name = options.name.as_ref().map(syn::LitStr::value);
        Ok(Function {
            ident: &signature.ident,
            name: name.unwrap_or_else(|| name_of(&signature.ident)),
            kind: options.kind,
            arguments,
            result,
            attributes: &function.attrs,
        })
    }

    fn expand(self) -> TokenStream {
        let Function {
            ident,
            name,
            kind,
            arguments,
            attributes,
            ..
        } = &self;
        let conditions = attributes.iter().filter(|it| it.path().is_ident("cfg"));
        // The types themselves are not repeated here: where one is wrong, that is reported once, where it is written.
        let inferred = arguments.iter().map(|_| quote!(_,));
        let register = format_ident!("register_{}", kind.word());
        // What the compiler finds wrong here, it shows at the function.
        let at_function = Span::call_site().located_at(ident.span());
        let registration = quote_spanned! {at_function=>
            fn register(to: &mut ::loopbridge::Registry) {
                ::loopbridge::expanded::Exported::<(#(#inferred)*), _>::new(#name, #ident).#register(to);
            }
        };
        let assertions = self.assertions();
        let blob = self.text().into_blob();
        quote! {
            #(#conditions)*
            const _: () = {
                #[allow(unused_imports)]
                use ::loopbridge::expanded::{NoSignature as _, NotExported as _};

                #registration

                #[allow(dead_code, unreachable_code, clippy::all, clippy::pedantic)]
                fn assertions() {
                    #assertions
                }

                #blob

                ::loopbridge::expanded::inventory::submit! {
                    ::loopbridge::expanded::Item::function(&BLOB, ::core::module_path!(), register)
                }
            };
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
        for (_, of) in &self.arguments {
            assert(of, "assert_argument");
        }
        assert(&self.result, "assert_result");
        if self.kind != Kind::Local {
            for (_, of) in &self.arguments {
                assert(of, "assert_leaves_loop");
            }
            assert(&self.result, "assert_leaves_loop");
        }
        if matches!(self.kind, Kind::Async | Kind::Heavy) {
            let ident = self.ident;
            let arguments = self.arguments.iter();
            let arguments =
                arguments.map(|(_, of)| quote_spanned!(of.span()=> ::loopbridge::expanded::any()));
            assertions.extend(quote_spanned! {ident.span()=>
                ::loopbridge::expanded::assert_send(|| #ident(#(#arguments),*));
            });
        }
        assertions
    }

    fn text(&self) -> Text {
        let mut text = Text::default();
        text.put(&format!("{} {}(", self.kind.word(), self.name));
        for (place, (_, of)) in self.arguments.iter().enumerate() {
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

/// Mistakes that do not hide one another.
struct Mistakes(Option<Error>);

impl Mistakes {
    fn note<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                match &mut self.0 {
                    Some(mistakes) => mistakes.combine(error),
                    none => *none = Some(error),
                }
                None
            }
        }
    }

    fn into_result(self) -> Result<(), Error> {
        self.0.map_or(Ok(()), Err)
    }
}

fn check_kind(options: &Options, function: &ItemFn) -> Result<(), Error> {
    let signature = &function.sig;
    let span = options.kind_span.unwrap_or(signature.fn_token.span);
    let word = options.kind.word();
    match (options.kind, signature.asyncness) {
        (Kind::Blocking, Some(_)) => Err(Error::new(
            span,
            "a blocking function is no `async fn`: leave out `blocking`, or `async`",
        )),
        (Kind::Async, None) => Err(Error::new(
            span,
            "Java calls an `async fn`: write `async`, or #[loopbridge::export(blocking)] if the function blocks or \
             computes",
        )),
        (Kind::Heavy | Kind::Local, None) => Err(Error::new(
            span,
            format!("a function that is `{word}` is an `async fn`: write `async`"),
        )),
        _ => Ok(()),
    }
}

fn check_form(function: &ItemFn) -> Result<(), Error> {
    let signature = &function.sig;
    if let Some(parameter) = signature.generics.params.first() {
        return Err(Error::new_spanned(
            parameter,
            "Java calls one function, of known types: leave out the parameters in `<..>`",
        ));
    }
    if let Some(word) = &signature.unsafety {
        return Err(Error::new_spanned(
            word,
            "Java cannot keep the promises of an `unsafe fn`: export a safe one",
        ));
    }
    if let Some(word) = &signature.abi {
        return Err(Error::new_spanned(
            word,
            "the attribute makes what Java calls: leave out `extern`",
        ));
    }
    Ok(())
}

fn argument_name(pattern: &Pat, place: usize) -> Result<String, Error> {
    match pattern {
        Pat::Ident(ident) => Ok(name_of(&ident.ident)),
        Pat::Wild(_) => Ok(format!("argument{place}")),
        _ => Err(Error::new_spanned(
            pattern,
            "an argument has a name in Java: take it apart in the body",
        )),
    }
}
