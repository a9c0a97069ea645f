//! A handler's answer is a value, and no object.

use loopbridge::{JavaFn, JavaRef};

struct User;

async fn find(_find: JavaFn<i64, JavaRef>) { //~ JavaRef` is nothing that a handler of Java's answers with
    //~ an object, such as a `JavaRef`, comes as an argument only
}

async fn load(_load: JavaFn<i64, User>) { //~ `User` is nothing that a handler of Java's answers with
    //~ mark a struct or an enum of your own with #[loopbridge::record]
}
