//! Several values as one: a tuple here, a record in Java. A handler of Java's takes several arguments in this way.
//!
//! The parts stand behind one another, each as it would stand in a record with room for all of them. Twin of
//! `RecordClass.java` in `bridge-core`.

use super::encoded::{Encoded, Reply};
use super::types::Plain;
use super::value::{FORM_INLINE, Value, ValueType, sealed};

fn append<T: Reply>(part: T, to: &mut Vec<u8>) {
    let mut encoded = Encoded::new();
    encoded.set(part);
    let Some(sequence) = encoded.take_external() else {
        to.extend_from_slice(&encoded.inline());
        return;
    };
    // A long sequence comes without the presence byte that would precede it in a record.
    if T::TYPE.is_optional() {
        to.push(1);
    }
    to.push(FORM_INLINE);
    to.extend_from_slice(&(sequence.len() as u32).to_le_bytes());
    to.extend_from_slice(&sequence);
}

macro_rules! tuple {
    ($($type:ident $part:ident),*) => {
        impl<$($type: Reply + Plain,)*> sealed::Sealed for ($($type,)*) {}

        impl<$($type: Reply + Plain,)*> Value for ($($type,)*) {
            const TYPE: ValueType = ValueType::Tuple(&[$(<$type as Value>::TYPE),*]);
        }

        impl<$($type: Reply + Plain,)*> Reply for ($($type,)*) {
            fn write(self, to: &mut Encoded) {
                let ($($part,)*) = self;
                let mut parts = Vec::new();
                $(append($part, &mut parts);)*
                to.set_raw(parts);
            }
        }
    };
}

tuple!(A a, B b);
tuple!(A a, B b, C c);
tuple!(A a, B b, C c, D d);
tuple!(A a, B b, C c, D d, E e);
tuple!(A a, B b, C c, D d, E e, F f);
tuple!(A a, B b, C c, D d, E e, F f, G g);
tuple!(A a, B b, C c, D d, E e, F f, G g, H h);
