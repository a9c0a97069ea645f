//! Functions that call handlers of Java's.

use std::error::Error;
use std::fmt;
use std::future::{Future, poll_fn};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use loopbridge::{Bytes, JavaError, JavaFn, JavaRef, Registry, TaskLocal};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::waits::free;

type LongFn = JavaFn<i64, i64>;

/// The handler that `keepHandler` keeps.
static KEPT: Mutex<Option<LongFn>> = Mutex::new(None);

/// The object that `keepObject` keeps.
static OBJECT: Mutex<Option<JavaRef>> = Mutex::new(None);

/// The argument with which `askNested` calls its handler.
static ASKED: TaskLocal<i64> = TaskLocal::new();

/// Arguments of every type that may be one of several.
type Several = (i64, Option<String>, Bytes, bool, f64, Option<i32>);

async fn ask_several(
    number: i64,
    text: Option<String>,
    bytes: Bytes,
    ask: JavaFn<Several, String>,
) -> Result<String, JavaError> {
    let some = text.as_ref().map(|text| text.len() as i32);
    ask.call((number, text, bytes, number > 0, 0.5, some)).await
}

/// Returns the parts of a division as one result.
async fn divide(number: i64, by: i64) -> (i64, i64) {
    (number / by, number % by)
}

pub(crate) fn register(functions: &mut Registry) {
    functions
        .function("ask", |number: i64, ask: LongFn| async move {
            ask.call(number).await
        })
        .function("askWhenFree", |number: i64, ask: LongFn| async move {
            free().await;
            ask.call(number).await
        })
        .function(
            "askText",
            |text: String, ask: JavaFn<String, String>| async move { ask.call(text).await },
        )
        .function(
            "askBytes",
            |bytes: Bytes, ask: JavaFn<Bytes, Bytes>| async move { ask.call(bytes).await },
        )
        .function(
            "askOptional",
            |text: Option<String>, ask: JavaFn<Option<String>, Option<i64>>| async move {
                ask.call(text).await
            },
        )
        .function("askSeveral", ask_several)
        .function("divide", divide)
        .function("askNothing", |ask: JavaFn<(), ()>| async move {
            ask.call(()).await
        })
        .function("askInTurn", |times: i64, ask: LongFn| async move {
            let mut sum = 0;
            for number in 0..times {
                sum += ask.call(number).await?;
            }
            Ok::<i64, JavaError>(sum)
        })
        .function("askAtOnce", ask_at_once)
        .function("askInOrder", ask_in_order)
        .function("askNested", |number: i64, ask: LongFn| {
            ASKED.scope(number, ask_nested(ask))
        })
        .function("askOrGiveUp", |millis: i64, ask: LongFn| async move {
            timeout(
                Duration::from_millis(millis.max(0).unsigned_abs()),
                ask.call(0),
            )
            .await
            .is_ok()
        })
        .function("askWrapped", |ask: LongFn| async move {
            ask.call(0)
                .await
                .map_err(|error| format!("asked in vain: {error}"))
        })
        .function("askInChain", ask_in_chain)
        .local("localAskInChain", ask_in_chain)
        .function("askStack", |ask: LongFn| async move {
            match ask.call(0).await {
                Ok(_) => String::new(),
                Err(error) => format!("{}\n{}\n{}", error.class(), error.message(), error.stack()),
            }
        })
        .function("giveBack", |object: JavaRef| async move { object })
        .function("giveBackLate", |object: Option<JavaRef>| async move {
            tokio::task::yield_now().await;
            object
        })
        .function(
            "showTo",
            |object: JavaRef, ask: JavaFn<JavaRef, i64>| async move { ask.call(object).await },
        )
        .function("dropElsewhere", |object: JavaRef| async move {
            let clone = object.clone();
            drop(tokio::spawn(async move { drop(clone) }));
        })
        .function("keepObject", |object: JavaRef| async move {
            *lock(&OBJECT) = Some(object);
        })
        .function("keptObject", || async { lock(&OBJECT).clone() })
        .function("showKeptTo", |ask: JavaFn<Option<JavaRef>, i64>| {
            let object = lock(&OBJECT).clone();
            async move { ask.call(object).await }
        })
        .blocking("forgetObject", || *lock(&OBJECT) = None)
        .function("keepHandler", |ask: LongFn| async move {
            *kept() = Some(ask);
        })
        .function("askKept", |number: i64| ask_kept(number))
        .function("askKeptWhenFree", |number: i64| async move {
            free().await;
            ask_kept(number).await
        })
        .blocking("forgetHandler", || *kept() = None);
}

/// An error whose source may be of any kind.
#[derive(Debug)]
struct InVain {
    links: i64,
    source: Box<dyn Error + Send + Sync>,
}

impl fmt::Display for InVain {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "in vain, link {}", self.links)
    }
}

impl Error for InVain {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

/// Calls the handler; an error of Java's is returned inside `links` errors of the function's own.
async fn ask_in_chain(links: i64, ask: LongFn) -> Result<i64, Box<dyn Error + Send + Sync>> {
    ask.call(links).await.map_err(|error| {
        let wrap = |source, links| InVain { links, source }.into();
        (0..links).rev().fold(error.into(), wrap)
    })
}

fn kept() -> MutexGuard<'static, Option<LongFn>> {
    lock(&KEPT)
}

fn lock<T>(mutex: &'static Mutex<T>) -> MutexGuard<'static, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn ask_kept(number: i64) -> impl Future<Output = Result<i64, JavaError>> {
    let ask = kept().clone();
    async move {
        match ask {
            Some(ask) => ask.call(number).await,
            None => Ok(-1),
        }
    }
}

/// Calls the handler, in a task of a task, with the value that the call has set. Returns the answer, or -2 if the value
/// was lost.
async fn ask_nested(ask: LongFn) -> Result<i64, JavaError> {
    let asked = || ASKED.get().map_or(-2, |number| *number);
    let outer = loopbridge::spawn(async move {
        tokio::task::yield_now().await;
        let inner = loopbridge::spawn(async move {
            tokio::task::yield_now().await;
            let answer = ask.call(asked()).await?;
            Ok(if asked() == -2 { -2 } else { answer })
        });
        inner.await.unwrap_or(Ok(-2))
    });
    let answer = outer.await.unwrap_or(Ok(-2))?;
    let left = loopbridge::spawn_blocking(asked).await.unwrap_or(-2);
    Ok(if left == -2 { left } else { answer })
}

/// Calls the handler with 0, 1, 2 and so on, `times` times and in that order, before it reads any answer. Returns the
/// sum of the answers.
async fn ask_in_order(times: i64, ask: LongFn) -> Result<i64, JavaError> {
    let mut asked: Vec<_> = (0..times)
        .map(|number| Box::pin(ask.call(number)))
        .collect();
    let mut sum = 0;
    poll_fn(|context| {
        let mut failed = None;
        asked.retain_mut(|asking| match asking.as_mut().poll(context) {
            Poll::Pending => true,
            Poll::Ready(Ok(answer)) => {
                sum += answer;
                false
            }
            Poll::Ready(Err(error)) => {
                failed = Some(error);
                false
            }
        });
        match (failed, asked.is_empty()) {
            (Some(error), _) => Poll::Ready(Err(error)),
            (None, true) => Poll::Ready(Ok(sum)),
            (None, false) => Poll::Pending,
        }
    })
    .await
}

/// Calls the handler from `times` tasks. Returns the sum of the answers.
async fn ask_at_once(times: i64, ask: LongFn) -> Result<i64, JavaError> {
    let mut asked = JoinSet::new();
    for number in 0..times {
        let ask = ask.clone();
        asked.spawn(async move { ask.call(number).await });
    }
    let mut sum = 0;
    while let Some(answer) = asked.join_next().await {
        sum += match answer {
            Ok(answer) => answer?,
            Err(_) => 0, // this runtime is being closed
        };
    }
    Ok(sum)
}
