//! Values in both directions, and arbitrary bytes in the reader.

use loopbridge_protocol::OutcomeKind;

use super::Random;
use super::owner::{Written, none};
use crate::call::registry::{Body, Function, Registry};
use crate::codec::arguments::Argument;
use crate::codec::arguments::Arguments;
use crate::codec::encoded::{Encoded, Reply};
use crate::codec::lease::Lender;
use crate::codec::mismatch::Mismatch;
use crate::panics::Panic;
use crate::{Bytes, Value};

#[test]
fn a_tuple_is_its_parts_one_behind_another() {
    type Short = (i64, Option<String>, bool, Option<i32>);
    assert_eq!(Short::TYPE.to_string(), "[i64+string?+bool+i32?]");
    let encoded = encode((7_i64, Some("ab".to_owned()), true, None::<i32>));
    assert!(encoded.external().is_none());
    let inline = encoded.inline();
    let mut parts = Arguments::new(&inline, Lender::none());
    assert_eq!(parts.next::<i64>().expect("a number"), 7);
    let text = parts.next::<Option<String>>().expect("a text");
    assert_eq!(text.as_deref(), Some("ab"));
    assert!(parts.next::<bool>().expect("a flag"));
    assert_eq!(parts.next::<Option<i32>>().expect("none"), None);
    parts.finish().expect("no more");
}

#[test]
fn a_tuple_too_large_for_a_record_is_whole_outside_of_it() {
    let long = Bytes::from(vec![7; 1_000]);
    let text = "t".repeat(500);
    let encoded = encode((Some(long.clone()), text.clone(), 9_i64));
    let block = encoded.external().expect("nothing inline");
    let mut parts = Arguments::new(block, Lender::none());
    let bytes = parts.next::<Option<Bytes>>().expect("bytes");
    assert_eq!(bytes, Some(long));
    assert_eq!(parts.next::<String>().expect("a text"), text);
    assert_eq!(parts.next::<i64>().expect("a number"), 9);
    parts.finish().expect("no more");
}

fn read<A: Argument>(block: &[u8]) -> Result<A, Mismatch> {
    let mut arguments = Arguments::new(block, Lender::none());
    let value = arguments.next()?;
    arguments.finish()?;
    Ok(value)
}

fn encode<R: Reply>(result: R) -> Encoded {
    let mut encoded = Encoded::new();
    encoded.set(result);
    encoded
}

/// An inline result is written like an argument.
fn there_and_back<T: Argument + Reply + Clone + PartialEq + std::fmt::Debug>(value: T) {
    let encoded = encode(value.clone());
    assert!(encoded.external().is_none(), "{value:?} is not inline");
    assert_eq!(read::<T>(&encoded.inline()).expect("a value"), value);
}

#[test]
fn values_come_back_as_they_went() {
    for value in [i64::MIN, -1, 0, 1, i64::MAX] {
        there_and_back(value);
        there_and_back(Some(value));
        there_and_back(value as i32);
        there_and_back(Some(value as i32));
    }
    for value in [f64::MIN, -0.0, f64::INFINITY, f64::EPSILON] {
        there_and_back(value);
        there_and_back(Some(value));
    }
    for value in [false, true] {
        there_and_back(value);
        there_and_back(Some(value));
    }
    for text in ["", "a", "h\u{e4}\u{1f980}\0"] {
        there_and_back(text.to_owned());
        there_and_back(Some(text.to_owned()));
        there_and_back(Bytes::copy_from_slice(text.as_bytes()));
        there_and_back(Some(text.as_bytes().to_vec()));
    }
    there_and_back(None::<i64>);
    there_and_back(None::<bool>);
    there_and_back(None::<String>);
    there_and_back(None::<Bytes>);
}

#[test]
fn sequences_that_do_not_fit_are_their_own_bytes() {
    let fits = |value: Encoded| value.external().is_none();
    for length in 0..100 {
        let bytes = vec![1_u8; length];
        assert_eq!(fits(encode(bytes.clone())), length <= 35, "{length}");
        assert_eq!(fits(encode(Some(bytes.clone()))), length <= 34, "{length}");
        if let Some(external) = encode(Some(bytes.clone())).take_external() {
            assert_eq!(external, bytes);
        }
    }
}

/// The dispatcher writes all its outcomes into one place: each overwrites the one before.
#[test]
fn nothing_is_left_of_the_outcome_before() {
    fn fail(to: &mut Encoded, text: &str) {
        let error = std::io::Error::other(text.to_owned());
        assert_eq!(to.fail_with(&error, "Error"), OutcomeKind::Error);
    }
    let writes: [fn(&mut Encoded); 17] = [
        |to| to.set(()),
        |to| to.set(true),
        |to| to.set(-1_i64),
        |to| to.set(Some(-1_i32)),
        |to| to.set(None::<i64>),
        |to| to.set(None::<String>),
        |to| to.set(String::new()),
        |to| to.set("x".repeat(35)),
        |to| to.set("y".repeat(36)),
        |to| to.set(Some(Bytes::from_static(&[7; 100]))),
        |to| to.set(Some(vec![8_u8; 34])),
        |to| fail(to, "short"),
        |to| fail(to, &"long".repeat(20)),
        |to| {
            assert_eq!(to.panic(Panic::of("boom")), OutcomeKind::Panic);
            to.write_panic(|_| 1);
        },
        |to| assert_eq!(to.refuse("no".to_owned()), OutcomeKind::Refused),
        |to| assert_eq!(to.refuse("no".repeat(50)), OutcomeKind::Refused),
        |to| assert_eq!(to.bare(OutcomeKind::Closed), OutcomeKind::Closed),
    ];
    for (first, before) in writes.iter().enumerate() {
        for (second, after) in writes.iter().enumerate() {
            for published in [false, true] {
                let mut reused = Encoded::new();
                before(&mut reused);
                if published {
                    drop(reused.take_external());
                }
                after(&mut reused);
                let mut fresh = Encoded::new();
                after(&mut fresh);
                assert_eq!(
                    (reused.inline(), reused.external()),
                    (fresh.inline(), fresh.external()),
                    "{second} over {first}"
                );
                assert!(reused.external().is_none() || reused.inline().is_empty());
            }
        }
    }
}

#[test]
fn signatures_name_every_type() {
    let mut registry = Registry::default();
    registry
        .function("none", || async {})
        .function(
            "all",
            |_: bool, _: i32, _: i64, _: f64, _: String, _: Bytes| async { 1_i32 },
        )
        .heavy("options", |_: Option<bool>, _: Option<Vec<u8>>| async {
            None::<String>
        })
        .blocking("results", || Ok::<Option<f64>, String>(None));
    let text = registry.into_library().description;
    let expected = "async none()->unit\nasync all(bool,i32,i64,f64,string,bytes)->i32\n\
        heavy options(bool?,bytes?)->string?\nblocking results()->f64?";
    assert_eq!(text, expected);
    assert_eq!(<Option<Vec<u8>> as Value>::TYPE.to_string(), "bytes?");
}

#[test]
fn no_bytes_make_the_reader_panic_or_allocate_what_is_not_there() {
    let functions: &[Function] = super::functions(|functions| {
        functions
            .function("fixed", |_: bool, _: i32, _: i64, _: f64| async {})
            .function("texts", |_: String, _: Option<String>| async {})
            .function("bytes", |_: Bytes, _: Vec<u8>, _: Option<Bytes>| async {})
            .function(
                "mixed",
                |_: Option<bool>, _: Bytes, _: Option<i64>, _: String| async {},
            );
    });
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut accepted = 0;
    for round in 0..200_000 {
        let length = random.below(64);
        // Mostly small numbers, since forms, flags and lengths are small.
        let mut block: Vec<u8> = (0..length).map(|_| random.below(3) as u8).collect();
        if length > 0 && round % 2 == 0 {
            let at = random.below(length);
            block[at] = random.next() as u8;
        }
        let function = &functions[random.below(functions.len())];
        let mut arguments = Arguments::new(&block, Lender::none());
        if let Body::Async(prepare) = &function.body {
            accepted += usize::from(prepare(&mut arguments).is_ok());
        }
        assert!(arguments.take_lent().is_none());
    }
    assert!(accepted > 0);
}

#[test]
fn truncated_arguments_are_refused_at_every_length() {
    let whole: Written = none().raw(&[1]).bytes(b"some text").i64(5);
    let type_of = |block: &[u8]| -> Result<(Option<String>, i64), Mismatch> {
        let mut arguments = Arguments::new(block, Lender::none());
        let values = (arguments.next()?, arguments.next()?);
        arguments.finish()?;
        Ok(values)
    };
    for length in 0..whole.bytes.len() {
        assert!(type_of(&whole.bytes[..length]).is_err(), "{length}");
    }
    let (text, number) = type_of(&whole.bytes).expect("all of it");
    assert_eq!((text.as_deref(), number), (Some("some text"), 5));
}
