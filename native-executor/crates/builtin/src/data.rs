//! Records, enums, lists and maps that go there and back, exported by attributes.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use loopbridge::{Bytes, JavaError, JavaFn};
use uuid::Uuid;

/// A thing that is ordered.
#[loopbridge::record]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DataItem {
    /// How it is ordered.
    pub(crate) sku: String,
    pub(crate) quantity: u32,
    pub(crate) unit_cents: i64,
}

/// Where an order is.
#[loopbridge::record]
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum DataStatus {
    Open,
    /// It is on its way.
    Shipped {
        carrier: String,
        /// The carrier's number.
        tracking: String,
    },
    Returned(Option<String>, u8),
}

/// An enum without fields.
#[loopbridge::record]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DataColor {
    Red,
    Green,
    Blue,
}

/// A record with others in it.
#[loopbridge::record]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DataOrder {
    pub(crate) id: i64,
    pub(crate) customer: String,
    pub(crate) items: Vec<DataItem>,
    pub(crate) status: DataStatus,
    pub(crate) note: Option<String>,
}

/// One field of each type.
#[loopbridge::record]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DataEveryType {
    pub(crate) flag: bool,
    pub(crate) i8: i8,
    pub(crate) i16: i16,
    pub(crate) i32: i32,
    pub(crate) i64: i64,
    pub(crate) u8: u8,
    pub(crate) u16: u16,
    pub(crate) u32: u32,
    pub(crate) u64: u64,
    pub(crate) f32: f32,
    pub(crate) f64: f64,
    pub(crate) char: char,
    pub(crate) string: String,
    pub(crate) bytes: Bytes,
    pub(crate) duration: Duration,
    pub(crate) time: SystemTime,
    pub(crate) uuid: Uuid,
    pub(crate) color: DataColor,
    pub(crate) optional: Option<i32>,
    pub(crate) longs: Vec<i64>,
    pub(crate) names: BTreeMap<String, Vec<Option<DataColor>>>,
}

/// A tree: a type that contains itself.
#[loopbridge::record]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DataTree {
    pub(crate) label: String,
    pub(crate) children: Vec<DataTree>,
    pub(crate) twin: Option<Box<DataTree>>,
}

/// A record without fields.
#[loopbridge::record]
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DataNothing;

/// A record whose one field has no name.
#[loopbridge::record]
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DataCents(i64);

macro_rules! echoes {
    ($($name:literal $function:ident: $type:ty)*) => {$(
        #[loopbridge::export(name = $name)]
        async fn $function(value: $type) -> $type {
            value
        }
    )*};
}

echoes! {
    "data.i8" i8_value: i8
    "data.i16" i16_value: i16
    "data.u8" u8_value: u8
    "data.u16" u16_value: u16
    "data.u32" u32_value: u32
    "data.u64" u64_value: u64
    "data.f32" f32_value: f32
    "data.char" char_value: char
    "data.optionalChar" optional_char: Option<char>
    "data.optionalU32" optional_u32: Option<u32>
    "data.item" item: DataItem
    "data.optionalItem" optional_item: Option<DataItem>
    "data.items" items: Vec<DataItem>
    "data.order" order: DataOrder
    "data.status" status: DataStatus
    "data.color" color: DataColor
    "data.everyType" every_type: DataEveryType
    "data.tree" tree: DataTree
    "data.nothings" nothings: Vec<DataNothing>
    "data.cents" cents: DataCents
    "data.bools" bools: Vec<bool>
    "data.bytes" bytes: Vec<i8>
    "data.shorts" shorts: Vec<i16>
    "data.ints" ints: Vec<i32>
    "data.longs" longs: Vec<i64>
    "data.floats" floats: Vec<f32>
    "data.doubles" doubles: Vec<f64>
    "data.strings" strings: Vec<String>
    "data.optionalStrings" optional_strings: Vec<Option<String>>
    "data.blobs" blobs: Vec<Vec<u8>>
    "data.map" map: BTreeMap<String, i64>
    "data.mapOfRecords" map_of_records: BTreeMap<DataColor, DataItem>
    "data.optionalMap" optional_map: Option<BTreeMap<i32, String>>
    "data.duration" duration: Duration
    "data.time" time: SystemTime
    "data.uuid" uuid: Uuid
}

/// Makes `count` items, to be decoded by the loop that asked for them.
#[loopbridge::export(name = "data.makeItems")]
async fn make_items(count: u32) -> Vec<DataItem> {
    let item = |number: u32| DataItem {
        sku: format!("sku-{number}"),
        quantity: number,
        unit_cents: i64::from(number) * 100,
    };
    (0..count).map(item).collect()
}

/// Returns what all items cost, or that there are none.
#[loopbridge::export(name = "data.total", heavy)]
async fn total(items: Vec<DataItem>) -> Result<i64, String> {
    match items.is_empty() {
        true => Err("there are no items".to_owned()),
        false => Ok(items
            .iter()
            .map(|item| i64::from(item.quantity) * item.unit_cents)
            .sum()),
    }
}

#[loopbridge::export(name = "data.sorted", blocking)]
fn sorted(mut items: Vec<DataItem>) -> Vec<DataItem> {
    items.sort_by(|one, other| one.sku.cmp(&other.sku));
    items
}

#[loopbridge::export(name = "data.localOrder", local)]
async fn local_order(order: DataOrder) -> DataOrder {
    order
}

/// Asks Java for the price of an item, and a second time for the price of many.
#[loopbridge::export(name = "data.reprice")]
async fn reprice(
    item: DataItem,
    price: JavaFn<(DataItem, Option<u32>), DataItem>,
) -> Result<Vec<DataItem>, JavaError> {
    let one = price.call((item.clone(), None)).await?;
    let many = price.call((item, Some(1_000))).await?;
    Ok(vec![one, many])
}
