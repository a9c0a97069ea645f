//! `#[export]` on the `impl` of an object.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Error, ImplItem, ImplItemFn, ItemImpl, Type, Visibility};

use crate::checks::Mistakes;
use crate::export::Function;
use crate::options::Options;
use crate::text::name_of;

/// The type whose methods are exported.
pub(crate) struct Owner {
    pub(crate) of: Type,
    pub(crate) name: String,
}

impl Owner {
    fn new(block: &ItemImpl) -> Result<Owner, Error> {
        if let Some((_, of, _)) = &block.trait_ {
            let reason = "Java calls the methods of a type: write an `impl` without a trait";
            return Err(Error::new_spanned(of, reason));
        }
        if let Some(parameter) = block.generics.params.first() {
            let reason =
                "Java calls the methods of one known type: leave out the parameters in `<..>`";
            return Err(Error::new_spanned(parameter, reason));
        }
        let name = match &*block.self_ty {
            Type::Path(path) => path.path.segments.last(),
            _ => None,
        };
        match name {
            Some(name) => Ok(Owner {
                of: (*block.self_ty).clone(),
                name: name_of(&name.ident),
            }),
            None => Err(Error::new_spanned(
                &block.self_ty,
                "Java calls the methods of a struct or an enum with #[loopbridge::object]",
            )),
        }
    }

    /// The type of what a method is called with.
    pub(crate) fn receiver(&self) -> Type {
        let of = &self.of;
        syn::parse_quote_spanned!(of.span()=> ::loopbridge::Shared<#of>)
    }

    /// Returns a type with the owner's in place of `Self`: it is named outside of the `impl` too.
    pub(crate) fn resolve(&self, of: &Type) -> Type {
        let resolved = self.resolve_tokens(of.to_token_stream());
        syn::parse2(resolved).unwrap_or_else(|_| of.clone())
    }

    fn resolve_tokens(&self, tokens: TokenStream) -> TokenStream {
        let resolved = tokens.into_iter().map(|token| match token {
            TokenTree::Ident(ident) if ident == "Self" => {
                located(self.of.to_token_stream(), ident.span())
            }
            TokenTree::Group(group) => {
                let mut resolved =
                    Group::new(group.delimiter(), self.resolve_tokens(group.stream()));
                resolved.set_span(group.span());
                TokenTree::Group(resolved).into()
            }
            token => token.into(),
        });
        resolved.collect()
    }
}

/// Returns the tokens as if they stood at this place.
fn located(tokens: TokenStream, at: Span) -> TokenStream {
    let tokens = tokens.into_iter().map(|mut token| {
        token.set_span(token.span().located_at(at));
        token
    });
    tokens.collect()
}

pub(crate) fn expand(options: TokenStream, mut block: ItemImpl) -> TokenStream {
    let mut mistakes = Mistakes::default();
    if !options.is_empty() {
        let reason =
            "these words are about one function: mark that, in the `impl`, by #[export(..)]";
        mistakes.note::<()>(Err(Error::new_spanned(options, reason)));
    }
    let owner = mistakes.note(Owner::new(&block));
    let functions = block.items.iter_mut().filter_map(|item| match item {
        ImplItem::Fn(function) => exported(function),
        _ => None,
    });
    let functions: Vec<_> = functions.collect();
    let mut expanded = TokenStream::new();
    if let Some(owner) = &owner {
        for (options, function) in &functions {
            let method = mistakes.note(expand_method(owner, options, function));
            expanded.extend(method);
        }
        if functions.is_empty() {
            let reason = "Java calls the `pub` functions of this `impl`, and others with #[export], and it has none: \
                          write `pub`";
            mistakes.note::<()>(Err(Error::new_spanned(&block.self_ty, reason)));
        }
    }
    let conditions: Vec<&Attribute> = conditions(&block.attrs).collect();
    let assertion = owner.map(|Owner { of, .. }| {
        quote_spanned! {of.span()=>
            #(#conditions)*
            const _: () = ::loopbridge::expanded::assert_object::<#of>();
        }
    });
    let mistakes = mistakes.into_result();
    let mistakes = mistakes.err().map(|mistakes| mistakes.to_compile_error());
    // A function is left out with its `impl`.
    let expanded = match conditions.is_empty() {
        true => expanded,
        false => quote!(#(#conditions)* const _: () = { #expanded };),
    };
    quote!(#block #assertion #expanded #mistakes)
}

fn conditions(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|it| it.path().is_ident("cfg"))
}

/// Returns a function that Java calls, with its attribute if it has one.
fn exported(function: &mut ImplItemFn) -> Option<(Option<Attribute>, &ImplItemFn)> {
    let attribute = take_options(function);
    if attribute.is_none() && !matches!(function.vis, Visibility::Public(_)) {
        return None;
    }
    if function.sig.asyncness.is_some() {
        // It is one for Java, also if it awaits nothing.
        function
            .attrs
            .push(syn::parse_quote!(#[allow(clippy::unused_async)]));
    }
    Some((attribute, function))
}

/// Takes the words of `#[export(..)]` from a function; the attribute itself is for functions outside of an `impl`.
fn take_options(function: &mut ImplItemFn) -> Option<Attribute> {
    let is_options = |attribute: &Attribute| {
        let mut segments = attribute.path().segments.iter().rev();
        segments.next().is_some_and(|last| last.ident == "export")
            && segments.all(|before| before.ident == "loopbridge")
    };
    let place = function.attrs.iter().position(is_options)?;
    Some(function.attrs.remove(place))
}

fn expand_method(
    owner: &Owner,
    attribute: &Option<Attribute>,
    function: &ImplItemFn,
) -> Result<TokenStream, Error> {
    let options = match attribute {
        Some(attribute) => match &attribute.meta {
            syn::Meta::Path(_) => TokenStream::new(),
            meta => meta.require_list()?.tokens.clone(),
        },
        None => TokenStream::new(),
    };
    let options = Options::parse(options)?;
    let function = Function::new(&options, &function.attrs, &function.sig, Some(owner))?;
    Ok(function.expand())
}
