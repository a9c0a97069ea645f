//! A thumbnail that Java may have kept; the work is done only if it has not.

use std::fmt::Write;

use bytes::Bytes;
use loopbridge::JavaFn;
use tokio::task;

use crate::error::ThumbnailError;

/// How much is hashed before other tasks get their turn, in bytes.
const PIECE: usize = 256 * 1024;

/// Asks `find` for the thumbnail by its [`key`], and makes it if there is none.
///
/// A drop of this future, as by the bridge when the client has left, cancels the look-up in Java or stops the work,
/// whichever is running.
pub(crate) async fn cached_thumbnail(
    image: Bytes,
    width: i32,
    height: Option<i32>,
    format: Option<String>,
    find: JavaFn<String, Option<Bytes>>,
) -> Result<Bytes, ThumbnailError> {
    let format = format.unwrap_or_else(|| crate::DEFAULT_FORMAT.to_owned());
    let key = key(&image, width, height, &format).await;
    match find.call(key).await {
        Ok(Some(thumbnail)) => Ok(thumbnail),
        // A cache that fails costs time, not the thumbnail.
        Ok(None) | Err(_) => {
            work(move || crate::thumbnail(image, width, height, &format, &loopbridge::cancelled))
                .await
        }
    }
}

/// The name of what a thumbnail is made of: equal for equal arguments. It is a cryptographic hash, so no client can
/// construct other arguments with the same key and have its own thumbnail served for another's image.
///
/// Runs on Tokio's workers: in the blocking pool a known thumbnail would wait behind those that are being made.
pub async fn key(image: &[u8], width: i32, height: Option<i32>, format: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    for piece in image.chunks(PIECE) {
        hasher.update(piece);
        task::yield_now().await;
    }
    let mut key = format!("{} {width}", hasher.finalize());
    if let Some(height) = height {
        // Writing to a string does not fail.
        let _ = write!(key, "x{height}");
    }
    key + " " + format
}

/// Does CPU-bound work on a thread of the blocking pool, where `loopbridge::cancelled` returns whether the call has
/// ended.
async fn work<R: Send + 'static>(
    work: impl FnOnce() -> Result<R, ThumbnailError> + Send + 'static,
) -> Result<R, ThumbnailError> {
    let done = loopbridge::spawn_blocking(work).await;
    done.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => Err(ThumbnailError::Cancelled), // the runtime is being closed
    })
}
