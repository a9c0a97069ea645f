//! Of collections, lists and maps cross.

use std::collections::HashSet;

#[loopbridge::record]
#[derive(PartialEq, Eq, Hash)]
struct Word {
    text: String,
}

#[loopbridge::export]
async fn count(words: HashSet<Word>) -> u32 { //~ `HashSet<Word>` does not come from Java as an argument
    //~ `Vec`, `HashMap` or `BTreeMap` in place of another collection
    words.len() as u32
}
