//! The words in the parentheses of `#[export(..)]`.

use proc_macro2::{Ident, Span, TokenStream};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Error, LitStr, Token};

/// Where the calls of a function run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Async,
    Heavy,
    Blocking,
    Local,
}

impl Kind {
    const ALL: [Kind; 4] = [Kind::Async, Kind::Heavy, Kind::Blocking, Kind::Local];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::Async => "async",
            Kind::Heavy => "heavy",
            Kind::Blocking => "blocking",
            Kind::Local => "local",
        }
    }
}

pub(crate) struct Options {
    pub(crate) kind: Kind,
    /// Where the kind is written, if it is.
    pub(crate) kind_span: Option<Span>,
    pub(crate) name: Option<LitStr>,
}

enum Word {
    Kind(Kind, Span),
    Name(LitStr),
}

impl Parse for Word {
    fn parse(input: ParseStream<'_>) -> Result<Word, Error> {
        if input.peek(Token![async]) {
            let word: Token![async] = input.parse()?;
            return Err(Error::new(
                word.span,
                "an `async fn` without a word is driven by Tokio: leave this out",
            ));
        }
        let word: Ident = input.parse()?;
        if word == "name" {
            input.parse::<Token![=]>()?;
            return checked_name(input.parse()?).map(Word::Name);
        }
        match Kind::ALL.into_iter().find(|kind| word == kind.word()) {
            Some(kind) => Ok(Word::Kind(kind, word.span())),
            None => Err(Error::new(
                word.span(),
                format!(
                    "unknown word `{word}`: there are `heavy`, `blocking`, `local` and `name = \"..\"`"
                ),
            )),
        }
    }
}

fn checked_name(name: LitStr) -> Result<LitStr, Error> {
    let readable = |c: char| !c.is_whitespace() && !c.is_control() && !"(),".contains(c);
    let text = name.value();
    if text.is_empty() || !text.chars().all(readable) {
        return Err(Error::new_spanned(
            &name,
            "a function's name is not empty, and has no blank, comma or parenthesis",
        ));
    }
    Ok(name)
}

impl Options {
    pub(crate) fn parse(tokens: TokenStream) -> Result<Options, Error> {
        let words = Punctuated::<Word, Token![,]>::parse_terminated.parse2(tokens)?;
        let mut options = Options {
            kind: Kind::Async,
            kind_span: None,
            name: None,
        };
        for word in words {
            match word {
                Word::Kind(kind, span) if options.kind_span.is_none() => {
                    options.kind = kind;
                    options.kind_span = Some(span);
                }
                Word::Kind(_, span) => {
                    let reason = "a function is of one kind: keep one of these words";
                    return Err(Error::new(span, reason));
                }
                Word::Name(name) if options.name.is_none() => options.name = Some(name),
                Word::Name(name) => {
                    return Err(Error::new_spanned(name, "a function has one name"));
                }
            }
        }
        Ok(options)
    }
}
