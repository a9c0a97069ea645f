//! The functions of a library, as its author registers them, and how the arguments of a call become its future.

use std::fmt;
use std::task::Poll;

use loopbridge_protocol::OutcomeKind;

use super::first_local_poll::FirstPoll;
#[cfg(feature = "benchmark")]
use super::guard::HeldCall;
use super::kinds::{AsyncFunction, BlockingFunction, LocalFunction};
use super::poll::{CallFuture, CallWork};
use crate::codec::arguments::{Arguments, Words};
use crate::codec::mismatch::Mismatch;
use crate::codec::value::{ObjectType, ValueType};

type PrepareFuture = Box<dyn Fn(&mut Arguments<'_>) -> Result<CallFuture, Mismatch> + Send + Sync>;
type StartLocal = Box<
    dyn Fn(&mut Arguments<'_>, &mut FirstPoll<'_>) -> Result<Poll<OutcomeKind>, Mismatch>
        + Send
        + Sync,
>;
type StartWords =
    Box<dyn Fn(&mut Words, &mut FirstPoll<'_>) -> Option<Poll<OutcomeKind>> + Send + Sync>;
type PrepareWork = Box<dyn Fn(&mut Arguments<'_>) -> Result<CallWork, Mismatch> + Send + Sync>;

/// Where a function's calls run.
pub(crate) enum Body {
    /// The dispatcher polls the call once and spawns it if it is not ready.
    Async(PrepareFuture),
    /// The dispatcher spawns the call at once.
    Heavy(PrepareFuture),
    /// The call runs on the blocking pool.
    Blocking(PrepareWork),
    /// The call is polled on the owner loop's thread.
    Local {
        start: StartLocal,
        /// Returns `None` if the arguments of the function are no words, or not these.
        start_words: StartWords,
    },
    /// The code that receives the call settles it.
    #[cfg(feature = "benchmark")]
    Held(fn(HeldCall)),
}

/// A registered function. Its number is its index in the registry.
pub(crate) struct Function {
    name: String,
    signature: String,
    pub(crate) body: Body,
}

impl fmt::Display for Function {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.body {
            Body::Async(_) => "async",
            Body::Heavy(_) => "heavy",
            Body::Blocking(_) => "blocking",
            Body::Local { .. } => "local",
            #[cfg(feature = "benchmark")]
            Body::Held(_) => "async",
        };
        write!(out, "{kind} {}{}", self.name, self.signature)
    }
}

/// The functions that a library offers to Java.
///
/// Functions take up to eight arguments of the types in [`Argument`](crate::Argument) and return a [`Reply`](crate::Reply) or a
/// [`Result`] of one; an error's message and its chain of causes arrive in Java as a `NativeException`.
///
/// Registering panics if a name is registered twice, is empty, or holds a blank, comma or parenthesis, and if two types
/// of [`Shared`](crate::Shared) objects have one name. Then the library does not load, and Java gets the panic's text.
#[derive(Default)]
pub struct Registry {
    functions: Vec<Function>,
    /// The types of objects that these name.
    objects: Vec<ObjectType>,
    types: Vec<Type>,
}

/// A record, enum, error or object that an attribute has exported.
struct Type {
    /// Such as `record Item{sku:string}`.
    line: &'static str,
    module: &'static str,
}

impl Type {
    fn name(&self) -> &str {
        let (_, named) = self.line.split_once(' ').unwrap_or_default();
        named.split('{').next().unwrap_or_default()
    }
}

/// All that a library offers.
pub(crate) struct Library {
    pub(crate) functions: Vec<Function>,
    /// What Java gets of it when it loads the library: one line for each function, where the index of the line is the
    /// function's number; then, if there are any, an empty line and one line for each type.
    pub(crate) description: String,
}

impl Registry {
    /// Registers an asynchronous function.
    ///
    /// Each call is polled once, by the dispatcher that received it; only a call that is not ready then becomes a task.
    /// A function whose first poll is measured to compute for long is spawned at once from then on.
    ///
    /// If a call is cancelled, its future is dropped at the await where it stands.
    pub fn function<A, F>(&mut self, name: &str, function: F) -> &mut Registry
    where
        F: AsyncFunction<A>, // one whose future is not `Send` is registered by `local`
    {
        let body = Body::Async(prepare_future(function));
        self.add(name, F::ARGUMENTS, F::RESULT, body)
    }

    /// Registers an asynchronous function whose polls are known to compute for long: each call is a task from the
    /// start, so that it does not delay the calls behind it.
    pub fn heavy<A, F>(&mut self, name: &str, function: F) -> &mut Registry
    where
        F: AsyncFunction<A>, // one whose future is not `Send` is registered by `local`
    {
        let body = Body::Heavy(prepare_future(function));
        self.add(name, F::ARGUMENTS, F::RESULT, body)
    }

    /// Registers a function that blocks or computes: it runs on the runtime's blocking threads.
    ///
    /// A cancel cannot stop it; the function may look at [`cancelled`](crate::cancelled), and what it returns after a
    /// cancel is dropped.
    pub fn blocking<A, F: BlockingFunction<A>>(
        &mut self,
        name: &str,
        function: F,
    ) -> &mut Registry {
        // Functions live as long as their library, which is never unloaded.
        let function: &'static F = Box::leak(Box::new(function));
        let body = Body::Blocking(Box::new(move |arguments| function.prepare(arguments)));
        self.add(name, F::ARGUMENTS, F::RESULT, body)
    }

    /// Registers a loop-driven function: its calls live on their owner loop and are polled there, in the runtime's Tokio
    /// context, so that timers, sockets and `tokio::spawn` work. They need not be `Send`, and may hold [`Local`]s.
    ///
    /// A call that is ready at its first poll has settled when Java's call of it returns. One that wakes itself is
    /// polled again behind the loop's other tasks. Its polls delay the loop: a function that computes for long should
    /// be registered by [`heavy`](Registry::heavy) or [`blocking`](Registry::blocking). Tokio gives the future no
    /// budget, unlike its own tasks, so that the function itself has to yield.
    ///
    /// Java refuses such calls on loops without one fixed thread, such as Vert.x worker contexts. When the loop's
    /// thread ends, its futures are dropped there.
    ///
    /// [`Local`]: crate::Local
    pub fn local<A, F: LocalFunction<A>>(&mut self, name: &str, function: F) -> &mut Registry {
        // Functions live as long as their library, which is never unloaded.
        let function: &'static F = Box::leak(Box::new(function));
        let body = Body::Local {
            start: Box::new(move |arguments, first| function.start(arguments, first)),
            start_words: Box::new(move |words, first| function.start_words(words, first)),
        };
        self.add(name, F::ARGUMENTS, F::RESULT, body)
    }

    /// Registers a function without arguments whose calls are given to `receive`, which settles them on any thread. It
    /// is for benchmarks of the way back alone.
    #[cfg(feature = "benchmark")]
    pub fn held(&mut self, name: &str, receive: fn(HeldCall)) -> &mut Registry {
        self.add(name, &[], ValueType::Plain("i64"), Body::Held(receive))
    }

    /// Returns the functions in the order of their registration, such as `async add(i64,i64)->i64`.
    pub fn signatures(&self) -> impl Iterator<Item = String> {
        self.functions.iter().map(ToString::to_string)
    }

    fn add(
        &mut self,
        name: &str,
        arguments: &[ValueType],
        result: ValueType,
        body: Body,
    ) -> &mut Registry {
        let readable = |c: char| !c.is_whitespace() && !c.is_control() && !"(),".contains(c);
        assert!(
            !name.is_empty() && name.chars().all(readable),
            "the function name {name:?} is empty or holds a blank, a comma or a parenthesis"
        );
        assert!(
            self.functions.iter().all(|function| function.name != name),
            "the function {name:?} is registered twice"
        );
        for value in arguments.iter().chain([&result]) {
            value.objects(&mut |object| self.add_object(object));
        }
        let arguments: Vec<String> = arguments.iter().map(ValueType::to_string).collect();
        self.functions.push(Function {
            name: name.to_owned(),
            signature: format!("({})->{result}", arguments.join(",")),
            body,
        });
        self
    }

    /// Adds a type of an attribute.
    pub(crate) fn add_type(&mut self, line: &'static str, module: &'static str) {
        let new = Type { line, module };
        if let Some(other) = self.types.iter().find(|other| other.name() == new.name()) {
            panic!(
                "two types are named {}, one in {} and one in {module}: rename one of them, since Java has both in one \
                 package",
                new.name(),
                other.module,
            );
        }
        self.types.push(new);
    }

    /// Returns the records, enums and objects with attributes in the order of their texts, such as
    /// `record Item{sku:string}`.
    pub fn types(&self) -> impl Iterator<Item = &'static str> {
        self.types.iter().map(|of| of.line)
    }

    pub(crate) fn into_library(self) -> Library {
        let mut lines: Vec<String> = self.signatures().collect();
        if !self.types.is_empty() {
            lines.push(String::new());
            lines.extend(self.types().map(str::to_owned));
        }
        Library {
            functions: self.functions,
            description: lines.join("\n"),
        }
    }

    fn add_object(&mut self, object: ObjectType) {
        let name = object.name;
        let letter = |c: char| c == '_' || c.is_ascii_alphabetic();
        assert!(
            name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_ascii_digit()),
            "the type name {name:?} of a shared object is no identifier of ASCII letters, digits and underscores"
        );
        match self.objects.iter().find(|known| known.name == name) {
            None => self.objects.push(object),
            Some(known) => assert!(
                (known.id)() == (object.id)(),
                "two types of shared objects have the name {name:?}; give each a name of its own"
            ),
        }
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.signatures()).finish()
    }
}

fn prepare_future<A, F: AsyncFunction<A>>(function: F) -> PrepareFuture {
    // Functions live as long as their library, which is never unloaded.
    let function: &'static F = Box::leak(Box::new(function));
    Box::new(move |arguments| function.prepare(arguments))
}
