//! The chain of an error that a function returned, with the Java error that is in it.

use std::error::Error;

use super::failure::Failure;
use super::java_error::{JavaError, source_of};

/// An error chain longer than this is cut: a chain that refers to itself must not become endless.
const MAX_CAUSES: usize = 128;

/// An error of a function: its texts, and what a Java handler threw if that is in its chain.
#[derive(Clone, Debug)]
pub(crate) struct ErrorChain {
    pub(crate) failure: Failure,
    pub(crate) thrown: Option<InChain>,
}

/// What a Java handler threw, and its index in the chain of an error: 0 is the error itself, 1 its first cause.
#[derive(Clone, Debug)]
pub(crate) struct InChain {
    pub(crate) place: u32,
    pub(crate) error: JavaError,
}

impl ErrorChain {
    /// Walks the chain of an error.
    pub(crate) fn of(error: &(dyn Error + 'static), type_name: &str) -> ErrorChain {
        let mut chain = ErrorChain {
            failure: Failure {
                type_name: type_name.to_owned(),
                message: error.to_string(),
                location: String::new(),
                causes: Vec::new(),
            },
            thrown: None,
        };
        let mut link = error;
        while let Some(source) = source_of(link) {
            let causes = &mut chain.failure.causes;
            if causes.len() >= MAX_CAUSES {
                break;
            }
            if let Some(java) = JavaError::behind(source) {
                // A wrapper with the same text stands for the error in it. A wrapper with another text has that error
                // as a cause.
                let last = causes.last().unwrap_or(&chain.failure.message);
                let text = java.to_string();
                if *last != text {
                    causes.push(text);
                }
                chain.end_with(java);
                break;
            }
            causes.push(source.to_string());
            link = source;
        }
        chain
    }

    /// Ends the chain with `java`.
    fn end_with(&mut self, java: JavaError) {
        let Failure {
            type_name,
            message,
            causes,
            ..
        } = &mut self.failure;
        let place = causes.len() as u32;
        let Some(relayed) = java.chain() else {
            if java.object().is_some() {
                self.thrown = Some(InChain { place, error: java });
            }
            return;
        };
        match causes.last_mut() {
            Some(last) => last.clone_from(&relayed.failure.message),
            None => {
                message.clone_from(&relayed.failure.message);
                type_name.clone_from(&relayed.failure.type_name);
            }
        }
        causes.extend_from_slice(&relayed.failure.causes);
        causes.truncate(MAX_CAUSES);
        let thrown = relayed.thrown.clone().map(|inner| InChain {
            place: place + inner.place,
            error: inner.error,
        });
        self.thrown = thrown.filter(|thrown| thrown.place as usize <= causes.len());
    }
}
