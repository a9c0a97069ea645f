//! The texts by which both sides know functions and types.

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::call::registry::Registry;
use crate::codec::java_error::JavaError;
use crate::codec::value::Value;
use crate::java::java_fn::JavaFn;

/// Places an order.
///
/// Again.
#[loopbridge::export]
async fn texts_place(order: Item, _mut_: Vec<Item>) -> Result<Status, String> {
    let _ = order;
    Ok(Status::Open)
}

#[loopbridge::export(heavy, name = "texts.colors")]
async fn colors(_: Option<Color>, by_name: BTreeMap<String, Vec<Color>>) -> Vec<Vec<Color>> {
    by_name.into_values().collect()
}

#[loopbridge::export(blocking)]
fn texts_nothing() {}

#[loopbridge::export(local)]
async fn texts_local(r#type: u32, ask: JavaFn<(Item, i64), Option<f32>>) -> Option<u32> {
    let _ = ask;
    Some(r#type)
}

#[loopbridge::export]
async fn texts_alone(a: Duration, b: SystemTime, c: Bytes, d: Vec<u8>) -> Result<u64, JavaError> {
    let _ = (a, b, c, d);
    Ok(1)
}

/// Where coins lie.
#[loopbridge::object]
struct TextsTill(AtomicU64);

#[loopbridge::export]
impl TextsTill {
    #[export]
    async fn open(first: u64) -> Result<Self, String> {
        Ok(TextsTill(first.into()))
    }

    /// Puts coins in.
    #[export(local, name = "put")]
    pub(super) async fn put_in(&self, coins: u64, _: Option<Color>) -> u64 {
        self.0.fetch_add(coins, Ordering::Relaxed) + coins
    }
}

/// The attribute is also for functions without a name of their own in the module.
#[cfg(any())]
#[loopbridge::export]
async fn texts_never(of: NoSuchType) {}

#[loopbridge::export]
#[cfg(any())]
async fn texts_never_either(of: NoSuchType) {}

#[loopbridge::object]
#[cfg(any())]
struct TextsNever(NoSuchType);

#[loopbridge::export]
#[cfg(any())]
impl TextsNever {
    pub async fn never(&self) {}
}

fn exported() -> Registry {
    let mut registry = Registry::default();
    registry.add_exported();
    registry
}

#[test]
fn functions_are_registered_with_their_types() {
    let functions = exported();
    let of_this_file = |line: &String| line.contains("texts") || line.contains("Texts");
    let lines: Vec<String> = functions.signatures().filter(of_this_file).collect();
    assert_eq!(
        lines,
        [
            "async TextsTill.open(u64)->object<TextsTill>",
            "async texts_alone({duration},{time},bytes,bytes)->u64",
            "async texts_place({#Item},{list<#Item>})->{#Status}",
            "blocking texts_nothing()->unit",
            "heavy texts.colors({#Color?},{map<string,list<#Color>>})->{list<list<#Color>>}",
            "local TextsTill.put(object<TextsTill>,u64,{#Color?})->u64",
            "local texts_local(u32,fn<[{#Item}+i64];{f32?}>)->{u32?}",
        ]
    );
}

#[test]
fn types_are_their_fields() {
    let registry = exported();
    let names = [
        " Cents{",
        " Color{",
        " Conditional{",
        " Fixed{",
        " Item{",
        " Nothing{",
        " Status{",
        " TextsTill",
        " Term{",
        " Tree{",
    ];
    let of_this_file = |line: &&str| names.iter().any(|name| line.contains(name));
    let lines: Vec<&str> = registry.types().filter(of_this_file).collect();
    assert_eq!(
        lines,
        [
            "enum Color{Red,Green,Blue}",
            "enum Status{Open,Shipped{carrier:string,tracking:string?},Lost{0:u8,1:list<#Item>}}",
            "enum Term{Number{0:i64},Sum{0:#Term,1:#Term}}",
            "object TextsTill",
            "record Cents{0:i64}",
            "record Conditional{always:i32}",
            "record Fixed{one:i8,two:f64,three:#Color}",
            "record Item{sku:string,quantity:u32,unit_cents:i64}",
            "record Nothing{}",
            "record Tree{label:string,children:list<#Tree>,type:#Tree?}",
        ]
    );
}

#[test]
fn the_description_has_the_types_behind_an_empty_line() {
    let description = exported().into_library().description;
    let (functions, types) = description.split_once("\n\n").expect("two parts");
    assert!(
        functions
            .lines()
            .any(|line| line.starts_with("async texts_alone("))
    );
    assert!(types.lines().any(|line| line == "record Nothing{}"));
    assert!(!types.contains("\n\n"));
    assert_eq!(Registry::default().into_library().description, "");
}

/// The texts in the file of this test.
fn blobs() -> Vec<String> {
    let file = std::fs::read(std::env::current_exe().expect("a test")).expect("a file");
    let magic = b"LBM1";
    let starts = file
        .windows(magic.len())
        .enumerate()
        .filter(|(_, at)| at == magic);
    let texts = starts.filter_map(|(start, _)| {
        let (length, rest) = file[start + magic.len()..].split_first_chunk()?;
        let text = rest.get(..u32::from_le_bytes(*length) as usize)?;
        String::from_utf8(text.to_vec()).ok()
    });
    texts.collect()
}

#[test]
fn the_file_has_the_documentation_of_each_item() {
    let blobs = blobs();
    let expected = [
        "async texts_place({#Item},{list<#Item>})->{#Status}\ndoc \tPlaces an order.\\n\\nAgain.\nparams order,_mut_",
        "local texts_local(u32,fn<[{#Item}+i64];{f32?}>)->{u32?}\nparams type,ask",
        "heavy texts.colors({#Color?},{map<string,list<#Color>>})->{list<list<#Color>>}\nparams argument0,by_name",
        "blocking texts_nothing()->unit\nparams ",
        "record Item{sku:string,quantity:u32,unit_cents:i64}\ndoc \tA thing that is ordered.\n\
         doc sku\tHow it is ordered:\\n\\n    indented, and a \\\\ too",
        "enum Status{Open,Shipped{carrier:string,tracking:string?},Lost{0:u8,1:list<#Item>}}\n\
         doc Shipped\tOn its way.\ndoc Shipped.tracking\tThe carrier's.",
        "record Nothing{}",
        "object TextsTill\ndoc \tWhere coins lie.",
        "async TextsTill.open(u64)->object<TextsTill>\nparams first",
        "local TextsTill.put(object<TextsTill>,u64,{#Color?})->u64\ndoc \tPuts coins in.\nparams coins,argument1",
    ];
    for text in expected {
        assert!(
            blobs.iter().any(|blob| blob == text),
            "{text} is not in {blobs:#?}"
        );
    }
}

#[test]
fn two_types_of_one_name_are_refused() {
    let twice = std::panic::catch_unwind(|| {
        let mut registry = Registry::default();
        registry.add_exported();
        registry.add_exported();
    });
    let text = *twice
        .expect_err("a panic")
        .downcast::<String>()
        .expect("a text");
    assert!(
        text.contains("is registered twice") || text.contains("two types are named"),
        "{text}"
    );
    let types = std::panic::catch_unwind(|| {
        let mut registry = Registry::default();
        registry.add_type("record Same{}", "shop::one");
        registry.add_type("record SameToo{}", "shop::one");
        registry.add_type("enum Same{A}", "shop::two");
    });
    let text = *types
        .expect_err("a panic")
        .downcast::<String>()
        .expect("a text");
    assert!(
        text.contains("named Same, one in shop::one and one in shop::two"),
        "{text}"
    );
}

#[test]
fn types_are_named_wherever_they_stand() {
    let names = [
        (Vec::<u8>::TYPE, "bytes"),
        (Option::<Vec<u8>>::TYPE, "bytes?"),
        (Vec::<Vec<u8>>::TYPE, "{list<bytes>}"),
        (Option::<i64>::TYPE, "i64?"),
        (Option::<u16>::TYPE, "{u16?}"),
        (Option::<Box<Item>>::TYPE, "{#Item?}"),
        (HashMap::<i8, Option<char>>::TYPE, "{map<i8,char?>}"),
        (<(Item, Option<i64>)>::TYPE, "[{#Item}+i64?]"),
    ];
    for (of, name) in names {
        assert_eq!(of.to_string(), name);
    }
}
