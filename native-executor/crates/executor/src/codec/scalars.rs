//! Values without parts, inside of others: numbers, flags, characters, texts, bytes.

use bytes::Bytes;

use super::data::{Data, Element, Size};
use super::mismatch::Mismatch;
use super::reader::Reader;
use super::types::scalar;
use super::value::{Value, ValueType};
use super::writer::Writer;

macro_rules! numbers {
    ($($type:ty)*) => {$(
        impl Data for $type {
            const SHAPE: ValueType = <$type as Value>::TYPE;
            const SIZE: Size = Size::exact(size_of::<$type>());

            #[inline]
            fn encoded_size(&self) -> usize {
                size_of::<$type>()
            }

            #[inline]
            fn encode(&self, to: &mut Writer<'_>) {
                to.put(self.to_le_bytes());
            }

            #[inline]
            fn decode(from: &mut Reader<'_>) -> Result<Self, Mismatch> {
                from.array().map(<$type>::from_le_bytes)
            }

            // On a little-endian machine the compiler makes one copy of each of these loops.

            #[inline]
            fn encode_all(values: &[Self], to: &mut Writer<'_>) {
                let room = to.take(size_of_val(values)).as_chunks_mut().0;
                for (bytes, value) in room.iter_mut().zip(values) {
                    *bytes = value.to_le_bytes();
                }
            }

            #[inline]
            fn decode_all(count: usize, from: &mut Reader<'_>) -> Result<Vec<Self>, Mismatch> {
                let bytes = from.take(count * size_of::<$type>())?.as_chunks().0;
                Ok(bytes.iter().map(|bytes| <$type>::from_le_bytes(*bytes)).collect())
            }
        }
    )*};
}

numbers!(i8 i16 i32 i64 u8 u16 u32 u64 f32 f64);

impl Data for bool {
    const SHAPE: ValueType = <bool as Value>::TYPE;
    const SIZE: Size = Size::exact(1);

    #[inline]
    fn encoded_size(&self) -> usize {
        1
    }

    #[inline]
    fn encode(&self, to: &mut Writer<'_>) {
        to.put([u8::from(*self)]);
    }

    #[inline]
    fn decode(from: &mut Reader<'_>) -> Result<Self, Mismatch> {
        from.flag("a bool")
    }
}

impl Data for char {
    const SHAPE: ValueType = <char as Value>::TYPE;
    const SIZE: Size = Size::exact(size_of::<u32>());

    #[inline]
    fn encoded_size(&self) -> usize {
        size_of::<u32>()
    }

    #[inline]
    fn encode(&self, to: &mut Writer<'_>) {
        to.put(u32::from(*self).to_le_bytes());
    }

    #[inline]
    fn decode(from: &mut Reader<'_>) -> Result<Self, Mismatch> {
        scalar(u32::from_le_bytes(from.array()?))
    }
}

macro_rules! sequences {
    ($($type:ty: |$bytes:ident| $read:expr;)*) => {$(
        impl Data for $type {
            const SHAPE: ValueType = <$type as Value>::TYPE;
            const SIZE: Size = Size::at_least(size_of::<u32>());

            #[inline]
            fn encoded_size(&self) -> usize {
                size_of::<u32>() + self.len()
            }

            #[inline]
            fn encode(&self, to: &mut Writer<'_>) {
                to.sequence(self.as_ref());
            }

            #[inline]
            fn decode(from: &mut Reader<'_>) -> Result<Self, Mismatch> {
                let $bytes = from.sequence()?;
                $read
            }
        }
    )*};
}

sequences! {
    String: |bytes| match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(Mismatch::new(format!("the text is no UTF-8: {error}"))),
    };
    Vec<u8>: |bytes| Ok(bytes.to_vec());
    Bytes: |bytes| Ok(Bytes::copy_from_slice(bytes));
}

macro_rules! elements {
    ($($type:ty)*) => {$(
        impl Element for $type {}
    )*};
}

elements!(bool i8 i16 i32 i64 u16 u32 u64 f32 f64 char String Vec<u8> Bytes);
