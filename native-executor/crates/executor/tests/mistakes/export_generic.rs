//! A function has no parameters of type.

#[loopbridge::export]
async fn first<T>(of: Vec<T>) -> Option<T> { //~ Java calls one function, of known types
    of.into_iter().next()
}

#[loopbridge::export]
async fn length(text: impl Into<String>) -> u32 { //~ name it in place of `impl ..`
    text.into().len() as u32
}
