//! The functions that Java calls.

use std::collections::BTreeMap;
use std::time::Duration;

loopbridge::library!();

/// Who is greeted.
#[loopbridge::record]
pub struct Guest {
    /// The name to greet by.
    pub name: String,
    /// What stands before the name.
    pub title: Option<String>,
}

/// Greets a guest after a while, during which no thread waits.
#[loopbridge::export]
pub async fn greet(guest: Guest, after: Duration) -> Result<String, String> {
    if guest.name.is_empty() {
        return Err("a guest needs a name".to_owned());
    }
    tokio::time::sleep(after).await;
    let title = guest.title.map(|title| title + " ").unwrap_or_default();
    Ok(format!("Hello, {title}{}!", guest.name))
}

/// Counts each word of a text, on a thread that may compute for long.
#[loopbridge::export(blocking)]
pub fn count_words(text: String) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word.to_lowercase()).or_insert(0) += 1;
    }
    counts
}
