//! Whether a function's tokens are those of one that can be exported.

use syn::{Error, Pat, Receiver, Signature};

use crate::methods::Owner;
use crate::options::{Kind, Options};
use crate::text::name_of;

/// Mistakes that do not hide one another.
#[derive(Default)]
pub(crate) struct Mistakes(Option<Error>);

impl Mistakes {
    pub(crate) fn note<T>(&mut self, result: Result<T, Error>) -> Option<T> {
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

    pub(crate) fn into_result(self) -> Result<(), Error> {
        self.0.map_or(Ok(()), Err)
    }
}

pub(crate) fn check_kind(options: &Options, signature: &Signature) -> Result<(), Error> {
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

/// Checks what a method is called with: each loop may use the object, and others at the same time.
pub(crate) fn check_receiver(receiver: &Receiver, owner: Option<&Owner>) -> Result<(), Error> {
    let reason = match (owner, &receiver.reference, receiver.mutability) {
        (None, ..) => {
            "a method is exported with its object: mark the `impl` by #[loopbridge::export], and the type by \
             #[loopbridge::object]"
        }
        (Some(_), Some(_), None) if receiver.colon_token.is_none() => return Ok(()),
        (Some(_), Some(_), Some(_)) => {
            "several loops may call at once: take `&self`, and keep what changes in a `Mutex`, an atomic or a task of \
             its own"
        }
        (Some(_), ..) => "other calls may use the object too, and Java still has it: take `&self`",
    };
    Err(Error::new_spanned(receiver, reason))
}

pub(crate) fn check_form(signature: &Signature) -> Result<(), Error> {
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

pub(crate) fn argument_name(pattern: &Pat, place: usize) -> Result<String, Error> {
    match pattern {
        Pat::Ident(ident) => Ok(name_of(&ident.ident)),
        Pat::Wild(_) => Ok(format!("argument{place}")),
        _ => Err(Error::new_spanned(
            pattern,
            "an argument has a name in Java: take it apart in the body",
        )),
    }
}
