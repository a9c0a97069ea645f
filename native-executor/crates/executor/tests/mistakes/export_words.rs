//! The words in parentheses are known ones, and agree.

#[loopbridge::export(hevy)] //~ unknown word `hevy`: there are `heavy`, `blocking`, `local` and `name = ".."`
async fn one() {}

#[loopbridge::export(heavy, local)] //~ a function is of one kind: keep one of these words
async fn two() {}

#[loopbridge::export(async)] //~ leave this out
async fn three() {}

#[loopbridge::export(name = "a name")] //~ has no blank, comma or parenthesis
async fn four() {}

#[loopbridge::export(name = "a", name = "b")] //~ a function has one name
async fn five() {}

#[loopbridge::record(heavy)] //~ takes no words
struct Six;
