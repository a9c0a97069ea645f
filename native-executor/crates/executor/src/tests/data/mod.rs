//! Records, enums and collections: their bytes, and bytes that are none.

mod refused;
mod texts;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use loopbridge_protocol::record::COMPLETION_INLINE;

use crate::Bytes;
use crate::codec::arguments::{Argument, Arguments};
use crate::codec::data::{Data, decode_whole};
use crate::codec::encoded::{Encoded, Reply};
use crate::codec::lease::Lender;
use crate::codec::writer::Writer;

/// A thing that is ordered.
#[loopbridge::record]
#[derive(Clone, Debug, PartialEq)]
struct Item {
    /// How it is ordered:
    ///
    ///     indented, and a \ too
    sku: String,
    quantity: u32,
    unit_cents: i64,
}

#[loopbridge::record]
#[derive(Clone, Debug, PartialEq)]
enum Status {
    Open,
    /// On its way.
    Shipped {
        carrier: String,
        /// The carrier's.
        tracking: Option<String>,
    },
    Lost(u8, Vec<Item>),
}

#[loopbridge::record]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Color {
    Red,
    Green,
    Blue,
}

#[loopbridge::record]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Fixed {
    one: i8,
    two: f64,
    three: Color,
}

#[loopbridge::record]
#[derive(Clone, Debug, PartialEq)]
struct Tree {
    label: String,
    children: Vec<Tree>,
    r#type: Option<Box<Tree>>,
}

#[loopbridge::record]
#[derive(Clone, Debug, PartialEq)]
enum Term {
    Number(i64),
    Sum(Box<Term>, Box<Term>),
}

#[loopbridge::record]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Nothing;

#[loopbridge::record]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cents(i64);

#[loopbridge::record]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Conditional {
    always: i32,
    #[cfg(any())]
    never: NoSuchType,
}

fn item(sku: &str, quantity: u32) -> Item {
    Item {
        sku: sku.to_owned(),
        quantity,
        unit_cents: -5,
    }
}

fn bytes_of<T: Data>(value: &T) -> Vec<u8> {
    let mut bytes = vec![0; value.encoded_size()];
    let mut to = Writer::new(&mut bytes);
    value.encode(&mut to);
    assert!(to.is_full());
    bytes
}

/// Encodes and decodes, cuts the bytes short at each length, and adds one.
fn there_and_back<T: Data + Debug + PartialEq>(value: &T) -> Vec<u8> {
    let mut bytes = bytes_of(value);
    assert_eq!(decode_whole::<T>(&bytes).expect("the value"), *value);
    for length in 0..bytes.len() {
        let cut = decode_whole::<T>(&bytes[..length]);
        assert!(cut.is_err(), "{value:?} of {length} bytes: {cut:?}");
    }
    bytes.push(0);
    let longer = decode_whole::<T>(&bytes).expect_err("a byte too many");
    assert_eq!(longer.to_string(), "1 bytes are left over behind the value");
    bytes.pop();
    bytes
}

#[test]
fn a_record_is_its_fields_in_their_order() {
    let bytes = there_and_back(&item("ab", 7));
    let expected = [
        &[2, 0, 0, 0][..],
        b"ab",
        &[7, 0, 0, 0],
        &(-5_i64).to_le_bytes(),
    ];
    assert_eq!(bytes, expected.concat());
    assert_eq!(there_and_back(&Cents(1)), 1_i64.to_le_bytes());
    assert_eq!(there_and_back(&Nothing), []);
    assert_eq!(
        there_and_back(&Conditional { always: 3 }),
        3_i32.to_le_bytes()
    );
}

#[test]
fn an_enum_is_the_index_of_its_variant_and_the_fields_of_that() {
    assert_eq!(there_and_back(&Status::Open), [0, 0]);
    let shipped = Status::Shipped {
        carrier: "c".to_owned(),
        tracking: None,
    };
    assert_eq!(there_and_back(&shipped), [1, 0, 1, 0, 0, 0, b'c', 0]);
    let lost = Status::Lost(9, vec![item("", 0)]);
    assert_eq!(there_and_back(&lost)[..7], [2, 0, 9, 1, 0, 0, 0]);
    assert_eq!(there_and_back(&Color::Blue), [2, 0]);
}

#[test]
fn parts_come_back_as_they_went() {
    for number in [i64::MIN, -1, 0, 1, i64::MAX] {
        there_and_back(&number);
        there_and_back(&(number as i8));
        there_and_back(&(number as i16));
        there_and_back(&(number as i32));
        there_and_back(&(number as u8));
        there_and_back(&(number as u16));
        there_and_back(&(number as u32));
        there_and_back(&(number as u64));
        there_and_back(&(number as f32));
        there_and_back(&(number as f64));
        there_and_back(&vec![number; 3]);
        there_and_back(&Some(number));
    }
    there_and_back(&vec![true, false]);
    there_and_back(&vec!['a', '\u{1f980}', char::MAX]);
    there_and_back(&vec![vec![1_u8, 2], vec![]]);
    there_and_back(&vec![Bytes::from_static(b"xy")]);
    there_and_back(&vec![Some(String::new()), None, Some("h\u{e4}".to_owned())]);
    there_and_back(&vec![Color::Red, Color::Green]);
    there_and_back(&vec![item("one", 1), item("two", 2)]);
    let fixed = Fixed {
        one: -1,
        two: 0.5,
        three: Color::Green,
    };
    assert_eq!(there_and_back(&vec![fixed; 3]).len(), 4 + 3 * 11);
    there_and_back(&BTreeMap::from([(Color::Red, item("r", 1))]));
    there_and_back(&HashMap::from([(1_u8, 2_u16), (3, 4)]));
    there_and_back(&BTreeMap::from([("k".to_owned(), vec![None, Some(1_u8)])]));
    let leaf = Tree {
        label: "leaf".to_owned(),
        children: vec![],
        r#type: None,
    };
    there_and_back(&Tree {
        label: "root".to_owned(),
        children: vec![leaf.clone(), leaf.clone()],
        r#type: Some(Box::new(leaf)),
    });
    let one = || Box::new(Term::Number(1));
    there_and_back(&Term::Sum(one(), Box::new(Term::Sum(one(), one()))));
}

#[test]
fn times_are_seconds_and_nanoseconds() {
    let second = Duration::from_secs(1);
    let nano = Duration::from_nanos(1);
    let numbers =
        |seconds: i64, nanos: u32| [&seconds.to_le_bytes()[..], &nanos.to_le_bytes()].concat();
    assert_eq!(there_and_back(&(second + nano)), numbers(1, 1));
    there_and_back(&Duration::MAX);
    assert_eq!(there_and_back(&UNIX_EPOCH), numbers(0, 0));
    assert_eq!(there_and_back(&(UNIX_EPOCH + nano)), numbers(0, 1));
    assert_eq!(there_and_back(&(UNIX_EPOCH - second)), numbers(-1, 0));
    assert_eq!(
        there_and_back(&(UNIX_EPOCH - second - nano)),
        numbers(-2, 999_999_999)
    );
    there_and_back(&SystemTime::now());
}

#[cfg(feature = "uuid")]
#[test]
fn a_uuid_is_its_bytes() {
    let uuid = uuid::Uuid::from_u128(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10);
    let bytes: Vec<u8> = (1..=16).collect();
    assert_eq!(there_and_back(&uuid), bytes);
}

/// Encodes as a result, and reads that as an argument.
fn crosses<T: Reply + Argument + Clone + Debug + PartialEq>(value: &T) -> Encoded {
    let mut encoded = Encoded::new();
    encoded.set(value.clone());
    let read = match encoded.external() {
        Some(bytes) => Arguments::whole(bytes.clone()).next::<T>(),
        None => Arguments::new(&encoded.inline(), Lender::none()).next::<T>(),
    };
    assert_eq!(read.expect("the value"), *value);
    encoded
}

#[test]
fn on_its_own_a_value_crosses_as_a_byte_sequence() {
    for length in 0..100 {
        let encoded = crosses(&item(&"x".repeat(length), 1));
        let fits = 5 + 4 + length + 4 + 8 <= COMPLETION_INLINE;
        assert_eq!(encoded.external().is_none(), fits, "{length}");
        assert!(!encoded.holds_object());
    }
    crosses(&Some(item("", 1)));
    crosses(&None::<Item>);
    crosses(&Some(vec![item("long", 1); 20]));
    crosses(&vec![1_i64; 100]);
    crosses(&Some(7_u32));
    crosses(&None::<char>);
    crosses(&Some(Box::new(item("boxed", 1))));
    crosses(&HashMap::from([(1_u8, 2_u16)]));
    crosses(&Duration::from_millis(1_500));
    crosses(&vec![Nothing; 10]);
}

#[test]
fn numbers_on_their_own_are_their_bytes() {
    fn alone<T: Reply + Argument + Clone + Debug + PartialEq>(value: T, bytes: &[u8]) {
        assert_eq!(&*crosses(&value).inline(), bytes);
    }
    alone(-2_i8, &[0xfe]);
    alone(-2_i16, &[0xfe, 0xff]);
    alone(2_u8, &[2]);
    alone(0x102_u16, &[2, 1]);
    alone(3_u32, &[3, 0, 0, 0]);
    alone(u64::MAX, &[0xff; 8]);
    alone(1_f32, &1_f32.to_le_bytes());
    alone('a', &[0x61, 0, 0, 0]);
}

#[test]
fn a_record_in_a_tuple_stands_like_a_byte_sequence() {
    let mut encoded = Encoded::new();
    let item = item(&"long".repeat(20), 1);
    encoded.set((item.clone(), Some(7_u32), Some(item.clone()), 9_i64));
    let block = encoded.external().expect("nothing inline").clone();
    let mut parts = Arguments::new(&block, Lender::none());
    assert_eq!(parts.next::<Item>().expect("an item"), item);
    assert_eq!(parts.next::<Option<u32>>().expect("a number"), Some(7));
    let optional = parts.next::<Option<Item>>().expect("an item");
    assert_eq!(optional, Some(item));
    assert_eq!(parts.next::<i64>().expect("a number"), 9);
    parts.finish().expect("no more");
}
