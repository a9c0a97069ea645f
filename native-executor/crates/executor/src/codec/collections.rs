//! Values that have others of one type in them: lists, maps, options, boxes.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use super::arguments::{Argument, Arguments};
use super::data::{Data, Element, Size};
use super::encoded::{Encoded, Reply};
use super::mismatch::Mismatch;
use super::reader::Reader;
use super::types::{Plain, Present};
use super::value::{Value, ValueType, sealed};
use super::writer::Writer;
use crate::__value_of_data;

const COUNT: usize = size_of::<u32>();

impl<T: Element> Data for Vec<T> {
    const SHAPE: ValueType = ValueType::List(&T::SHAPE);
    const SIZE: Size = Size::at_least(COUNT);

    #[inline]
    fn encoded_size(&self) -> usize {
        COUNT + T::size_of_all(self)
    }

    #[inline]
    fn encode(&self, to: &mut Writer<'_>) {
        to.count(self.len());
        T::encode_all(self, to);
    }

    #[inline]
    fn decode(from: &mut Reader<'_>) -> Result<Self, Mismatch> {
        let count = from.count(T::SIZE.least())?;
        from.nested(|from| T::decode_all(count, from))
    }
}

__value_of_data!({T: Element} Vec<T>);

/// A map's methods; `$empty` makes one for `count` entries.
macro_rules! map {
    ($key:ident $value:ident |$count:ident| $empty:expr) => {
        const SHAPE: ValueType = ValueType::Map(&$key::SHAPE, &$value::SHAPE);
        const SIZE: Size = Size::at_least(COUNT);

        #[inline]
        fn encoded_size(&self) -> usize {
            let entry = Size::of_all(&[$key::SIZE, $value::SIZE]).exactly();
            COUNT
                + match entry {
                    Some(size) => size * self.len(),
                    None => self
                        .iter()
                        .map(|(key, value)| key.encoded_size() + value.encoded_size())
                        .sum(),
                }
        }

        #[inline]
        fn encode(&self, to: &mut Writer<'_>) {
            to.count(self.len());
            for (key, value) in self {
                key.encode(to);
                value.encode(to);
            }
        }

        #[inline]
        fn decode(from: &mut Reader<'_>) -> Result<Self, Mismatch> {
            let $count = from.count(Size::of_all(&[$key::SIZE, $value::SIZE]).least())?;
            from.nested(|from| {
                let mut map = $empty(from);
                for _ in 0..$count {
                    let key = $key::decode(from)?;
                    if map.insert(key, $value::decode(from)?).is_some() {
                        return Err(Mismatch::new("a map has a key twice"));
                    }
                }
                Ok(map)
            })
        }
    };
}

impl<K, V, S> Data for HashMap<K, V, S>
where
    K: Data + Present + Eq + Hash,
    V: Data,
    S: BuildHasher + Default + Send + 'static,
{
    map!(K V |count| |from: &Reader<'_>| {
        HashMap::with_capacity_and_hasher(from.capacity::<(K, V)>(count), S::default())
    });
}

impl<K: Data + Present + Ord, V: Data> Data for BTreeMap<K, V> {
    map!(K V |count| |_: &Reader<'_>| BTreeMap::new());
}

__value_of_data!({
    K: Data + Present + Eq + Hash,
    V: Data,
    S: BuildHasher + Default + Send + 'static
} HashMap<K, V, S>);
__value_of_data!({K: Data + Present + Ord, V: Data} BTreeMap<K, V>);

impl<T: Data + Present> Data for Option<T> {
    const SHAPE: ValueType = ValueType::Optional(&T::SHAPE);
    const SIZE: Size = Size::at_least(1);

    #[inline]
    fn encoded_size(&self) -> usize {
        1 + self.as_ref().map_or(0, Data::encoded_size)
    }

    #[inline]
    fn encode(&self, to: &mut Writer<'_>) {
        self.is_some().encode(to);
        if let Some(value) = self {
            value.encode(to);
        }
    }

    #[inline]
    fn decode(from: &mut Reader<'_>) -> Result<Self, Mismatch> {
        match from.flag("the presence of an optional value")? {
            true => from.nested(T::decode).map(Some),
            false => Ok(None),
        }
    }
}

impl<T: Data + Present> Element for Option<T> {}

/// A box is what is in it: a type that contains itself needs one.
impl<T: Data> Data for Box<T> {
    const SHAPE: ValueType = T::SHAPE;
    const SIZE: Size = T::SIZE;

    #[inline]
    fn encoded_size(&self) -> usize {
        T::encoded_size(self)
    }

    #[inline]
    fn encode(&self, to: &mut Writer<'_>) {
        T::encode(self, to);
    }

    #[inline]
    fn decode(from: &mut Reader<'_>) -> Result<Self, Mismatch> {
        T::decode(from).map(Box::new)
    }
}

impl<T: Element> Element for Box<T> {}
impl<T: Data + Present> sealed::Sealed for Box<T> {}
impl<T: Data + Present> Value for Box<T> {
    const TYPE: ValueType = T::TYPE;
}
impl<T: Data + Present + Plain> Plain for Box<T> {}
impl<T: Data + Present> Argument for Box<T> {
    fn read(from: &mut Arguments<'_>) -> Result<Self, Mismatch> {
        <T as Argument>::read(from).map(Box::new)
    }
}
impl<T: Data + Present> Reply for Box<T> {
    fn write(self, to: &mut Encoded) {
        Reply::write(*self, to);
    }
}
impl<T: Data + Present> Present for Box<T> {
    const OPTIONAL: ValueType = T::OPTIONAL;

    fn read_optional(from: &mut Arguments<'_>) -> Result<Option<Self>, Mismatch> {
        Ok(T::read_optional(from)?.map(Box::new))
    }

    fn write_optional(value: Option<Self>, to: &mut Encoded) {
        T::write_optional(value.map(|value| *value), to);
    }
}
