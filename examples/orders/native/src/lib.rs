//! A small shop: orders are placed, listed and counted.

use std::collections::BTreeMap;
use std::mem;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use loopbridge::Shared;

loopbridge::library!();

/// One line of an order.
#[loopbridge::record]
#[derive(Clone, Debug)]
pub struct Item {
    /// What is ordered.
    pub sku: String,
    /// How many of it.
    pub quantity: u32,
    /// What one of it costs.
    pub unit_cents: i64,
}

/// What a customer wants.
#[loopbridge::record]
#[derive(Clone, Debug)]
pub struct NewOrder {
    /// Who pays.
    pub customer: String,
    /// What is ordered; it may not be empty.
    pub items: Vec<Item>,
    /// For the one who packs it.
    pub note: Option<String>,
}

/// Where an order is.
#[loopbridge::record]
#[derive(Clone, Debug)]
pub enum Status {
    /// It is not packed yet.
    Open,
    /// It is on its way.
    Shipped {
        /// Who carries it.
        carrier: String,
        /// The number to ask the carrier for.
        tracking: String,
    },
}

/// How fast an order shall arrive.
#[loopbridge::record]
#[derive(Clone, Copy, Debug)]
pub enum Speed {
    /// Within a week.
    Standard,
    /// Within a day.
    Express,
}

/// An order as it is kept.
#[loopbridge::record]
#[derive(Clone, Debug)]
pub struct Order {
    /// Its number, from 1 on.
    pub id: i64,
    /// Who pays.
    pub customer: String,
    /// What all its items cost.
    pub total_cents: i64,
    /// Where it is.
    pub status: Status,
    /// For the one who packs it.
    pub note: Option<String>,
    /// When it was placed.
    pub placed: SystemTime,
}

/// A shop, with the orders that were placed there.
#[loopbridge::object]
pub struct Shop {
    orders: Mutex<Vec<Order>>,
}

impl Shop {
    fn with<R>(&self, work: impl FnOnce(&mut Vec<Order>) -> R) -> R {
        work(&mut self.orders.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[loopbridge::export]
impl Shop {
    /// Finds an order by its number.
    pub async fn find(&self, id: i64) -> Option<Order> {
        self.with(|orders| orders.iter().find(|order| order.id == id).cloned())
    }

    /// Opens a shop that has no orders yet.
    pub async fn open() -> Shop {
        Shop {
            orders: Mutex::default(),
        }
    }

    /// Places an order.
    ///
    /// The order has a number then, by which `find` finds it.
    pub async fn place(&self, order: NewOrder) -> Result<Order, String> {
        if order.items.is_empty() {
            return Err(format!("the order of {} is empty", order.customer));
        }
        let total = |item: &Item| item.unit_cents.checked_mul(i64::from(item.quantity));
        let total_cents = order.items.iter().map(total).sum::<Option<i64>>();
        let total_cents = total_cents.ok_or("the order costs too much")?;
        Ok(self.with(|orders| {
            let placed = Order {
                id: orders.len() as i64 + 1,
                customer: order.customer,
                total_cents,
                status: Status::Open,
                note: order.note,
                placed: SystemTime::now(),
            };
            orders.push(placed.clone());
            placed
        }))
    }

    /// Lists the orders of a customer, the latest ones if there are more than asked for.
    pub async fn orders_of(&self, customer: String, at_most: Option<u32>) -> Vec<Order> {
        let mut found: Vec<Order> = self.with(|orders| {
            let own = |order: &&Order| order.customer == customer;
            orders.iter().filter(own).cloned().collect()
        });
        let most = at_most.map_or(usize::MAX, |most| most as usize);
        found.split_off(found.len().saturating_sub(most))
    }

    /// Hands an order to a carrier.
    pub async fn ship(&self, id: i64, carrier: String, speed: Speed) -> Option<Order> {
        self.with(|orders| {
            let order = orders.iter_mut().find(|order| order.id == id)?;
            let tracking = format!("{carrier}-{id}-{speed:?}");
            order.status = Status::Shipped { carrier, tracking };
            Some(order.clone())
        })
    }

    /// Adds up what each customer has spent.
    #[export(heavy)]
    pub async fn totals(&self) -> BTreeMap<String, i64> {
        let mut totals = BTreeMap::new();
        self.with(|orders| {
            for order in orders {
                *totals.entry(order.customer.clone()).or_insert(0) += order.total_cents;
            }
        });
        totals
    }

    /// Hands all orders to another shop, which gives them new numbers.
    pub async fn hand_over(&self, to: Shared<Shop>) {
        let handed = self.with(mem::take);
        to.with(|orders| {
            for mut order in handed {
                order.id = orders.len() as i64 + 1;
                orders.push(order);
            }
        });
    }
}

/// How long a parcel takes.
#[loopbridge::export(local)]
pub async fn takes(speed: Speed) -> Duration {
    let days = match speed {
        Speed::Standard => 7,
        Speed::Express => 1,
    };
    Duration::from_secs(days * 24 * 60 * 60)
}

/// The middle of some prices, of which there is at least one.
#[loopbridge::export(blocking)]
pub fn median(mut cents: Vec<i64>) -> Option<i64> {
    cents.sort_unstable();
    cents.get(cents.len() / 2).copied()
}
