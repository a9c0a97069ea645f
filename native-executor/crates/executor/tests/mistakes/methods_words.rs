//! The words are those of one function, and Java calls public ones.

#[loopbridge::object]
pub struct Shop;

#[loopbridge::export(blocking)] //~ these words are about one function
impl Shop {
    #[export(fast)] //~ unknown word `fast`
    pub async fn place(&self) {}

    #[export(local, name = "sa ve")] //~ a function's name is not empty, and has no blank
    async fn save(&self) {}

    pub fn clear(&self) {} //~ #[loopbridge::export(blocking)]
}

#[loopbridge::object]
pub struct Bare;

#[loopbridge::export]
impl Bare { //~ it has none: write `pub`
    async fn open() -> Self {
        Bare
    }
}
