//! A type of shared objects has a name for Java, and may be used by several threads.

use std::cell::Cell;

use loopbridge::{Registry, Shared, SharedType};

struct Pool;

async fn open() -> Shared<Pool> {
    Shared::new(Pool) //~ `Pool` has no name for Java
    //~ impl loopbridge::SharedType for Pool
}

struct Count(Cell<i64>);

impl SharedType for Count { //~ cannot be shared between threads safely
    const NAME: &'static str = "Count";
}

fn register(functions: &mut Registry) {
    functions.function("open", open); //~ `Pool` has no name for Java
}
