//! Bytes that are no value, and how little is allocated for them.

use super::*;
use crate::codec::mismatch::Mismatch;
use crate::tests::Random;

fn refused<T: Data + Debug>(bytes: &[u8], reason: &str) {
    let mismatch = decode_whole::<T>(bytes).expect_err("no value");
    assert!(mismatch.to_string().contains(reason), "{mismatch}");
}

#[test]
fn a_count_is_compared_with_the_bytes_before_memory_is_allocated() {
    let most = u32::MAX.to_le_bytes();
    refused::<Vec<i64>>(&most, "4294967295 elements, but the 0 bytes");
    refused::<Vec<String>>(&most, "have room for 0");
    refused::<Vec<Item>>(&[&most[..], &[0; 33]].concat(), "have room for 2");
    refused::<HashMap<u8, Item>>(&most, "have room for 0");
    refused::<BTreeMap<u8, u8>>(&most, "have room for 0");
    refused::<String>(&most, "4294967295 bytes are needed, 0 are left");
    refused::<Vec<u8>>(&most, "4294967295 bytes are needed");
    refused::<Vec<Nothing>>(&(1_u32 << 20 | 1).to_le_bytes(), "have room for 1048576");
    let nothings = decode_whole::<Vec<Nothing>>(&(1_u32 << 20).to_le_bytes());
    assert_eq!(nothings.expect("a list").len(), 1 << 20);
    let lists = |second: u32| [2, 1 << 19, second].map(u32::to_le_bytes).concat();
    assert!(decode_whole::<Vec<Vec<Nothing>>>(&lists(1 << 19)).is_ok());
    refused::<Vec<Vec<Nothing>>>(&lists(1 << 19 | 1), "have room for 524288");
}

#[test]
fn a_list_takes_at_first_no_more_memory_than_its_bytes_allow() {
    let zeros = vec![0_u8; 1_000];
    let from = crate::codec::reader::Reader::new(&zeros);
    assert_eq!(from.capacity::<[u8; 300]>(1_000), 10);
    assert_eq!(from.capacity::<[u8; 300]>(5), 5);
    assert_eq!(from.capacity::<()>(1_000), 1_000);
}

#[test]
fn parts_that_are_none_are_named() {
    refused::<bool>(&[2], "a bool is 2, not 0 or 1");
    refused::<Option<i64>>(&[3], "the presence of an optional value is 3");
    refused::<char>(&0xd800_u32.to_le_bytes(), "a char is 0xD800");
    refused::<String>(&[1, 0, 0, 0, 0xff], "no UTF-8");
    refused::<Color>(&[3, 0], "Color has no variant 3, the last is 2");
    refused::<Status>(&[255, 255], "Status has no variant 65535");
    let second = 1_000_000_000_u32.to_le_bytes();
    refused::<Duration>(&[&[0; 8], &second[..]].concat(), "a second or more");
    refused::<SystemTime>(&[&[0; 8], &second[..]].concat(), "a second or more");
    let twice = [2, 0, 0, 0, 1, 1, 1, 1];
    refused::<HashMap<u8, u8>>(&twice, "a map has a key twice");
    refused::<BTreeMap<u8, u8>>(&twice, "a map has a key twice");
}

#[test]
fn times_that_the_system_does_not_know_are_refused_or_kept() {
    for seconds in [i64::MIN, i64::MAX] {
        let bytes = [&seconds.to_le_bytes()[..], &[0; 4]].concat();
        if let Ok(time) = decode_whole::<SystemTime>(&bytes) {
            assert_eq!(bytes_of(&time), bytes);
        }
    }
}

/// A tree whose trees are one in another, this many.
fn nested(trees: usize) -> Tree {
    let leaf = Tree {
        label: String::new(),
        children: vec![],
        r#type: None,
    };
    (1..trees).fold(leaf, |inner, _| Tree {
        children: vec![inner],
        ..Tree {
            label: String::new(),
            children: vec![],
            r#type: None,
        }
    })
}

#[test]
fn values_are_nested_at_most_64_deep() {
    // A tree and its list count one each; the list of the last tree is the 64th.
    there_and_back(&nested(32));
    refused::<Tree>(&bytes_of(&nested(33)), "more than 64 deep");
    let endless = [0_u8, 0, 0, 0, 1, 0, 0, 0].repeat(1_000);
    refused::<Tree>(&endless, "more than 64 deep");
}

#[test]
fn a_refused_value_leaves_the_arguments_behind_it_readable() {
    let block = [&[0, 1, 0, 0, 0, 7][..], &5_i64.to_le_bytes()].concat();
    let mut arguments = Arguments::new(&block, Lender::none());
    let color = arguments.next::<Color>().expect_err("no color");
    assert_eq!(
        color.to_string(),
        "argument 1 ({#Color}): 2 bytes are needed, 1 are left"
    );
    assert_eq!(arguments.next::<i64>().expect("a number"), 5);
}

#[test]
fn any_bytes_are_a_value_or_refused() {
    fn body<T: Data>(bytes: &[u8]) -> bool {
        let read: Result<T, Mismatch> = decode_whole(bytes);
        read.is_ok_and(|value| {
            assert_eq!(bytes_of(&value).len(), bytes.len());
            true
        })
    }
    let bodies: [fn(&[u8]) -> bool; 6] = [
        body::<Vec<Item>>,
        body::<Status>,
        body::<Tree>,
        body::<BTreeMap<Color, Option<Vec<bool>>>>,
        body::<Vec<Term>>,
        body::<Option<Fixed>>,
    ];
    let mut random = Random(0x1234_5678_9abc_def1);
    let mut accepted = [0; 6];
    for round in 0..200_000 {
        // Mostly small numbers, since counts, flags and indexes are small.
        let length = random.below(40);
        let mut bytes: Vec<u8> = (0..length).map(|_| (random.below(9) / 7) as u8).collect();
        if length > 0 && round % 2 == 0 {
            bytes[random.below(length)] = random.next() as u8;
        }
        let place = round % bodies.len();
        accepted[place] += usize::from(bodies[place](&bytes));
    }
    assert!(accepted.iter().all(|count| *count > 0), "{accepted:?}");
}
