//! The objects that all ports of one runtime use: one table, and a view of it for each port.
//!
//! A start of a call looks its object up in the view of its own port, so that the calls of several
//! ports on one object do not meet in a lock. A view is filled as its port uses objects: the first
//! look at an object goes to the table.
//!
//! # Participants
//!
//! Any thread inserts and removes. A port's dispatcher and the thread of its loop look at the port's
//! view; they are the only threads that wait for each other there, but for one that removes.
//!
//! # Rules
//!
//! 1. A value is in the table from its insertion until it is removed or the table ends. Of all that
//!    remove it exactly one gets it.
//! 2. A look that does not find its ticket in the view copies the value from the table while it holds
//!    the lock of the view. A removal takes the value out of the table first, and out of each view
//!    then. So a copy that was made before is found, and none is made after: once a removal has
//!    returned, no look finds the value.
//! 3. A removal holds the value that it took from the table until the views have no copy of it. So
//!    no copy in a view is the last, and no user code runs under a lock of this module.
//! 4. A table that has ended takes no values: what is inserted beside the end is either refused or
//!    returned by the end.
//! 5. The order of the locks: the list of the views, a view, the table.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::AtomicU64;

use crate::slots::Slots;
use crate::sync::{Arc, Mutex, MutexGuard, Ordering, lock};

/// Values named by tickets ([`Slots`]), for the ports of one runtime.
pub struct SharedTable<T, const GENERATION_BITS: u32 = 32> {
    table: Mutex<Table<T, GENERATION_BITS>>,
    views: Mutex<Vec<Arc<Copies<T>>>>,
    /// An atomic of the standard library, since it only counts.
    waits: AtomicU64,
}

struct Table<T, const GENERATION_BITS: u32> {
    slots: Slots<T, GENERATION_BITS>,
    ended: bool,
}

type Copies<T> = Mutex<BTreeMap<u64, T>>;

impl<T: Clone, const GENERATION_BITS: u32> SharedTable<T, GENERATION_BITS> {
    /// Makes an empty table of at most `capacity` values; see [`Slots::new`].
    pub fn new(capacity: u32, tag: u64) -> Self {
        Self {
            table: Mutex::new(Table {
                slots: Slots::new(capacity, tag),
                ended: false,
            }),
            views: Mutex::new(Vec::new()),
            waits: AtomicU64::new(0),
        }
    }

    /// Keeps `value` and returns its ticket, never 0.
    ///
    /// # Errors
    ///
    /// The value, when the table is full or has ended.
    pub fn insert(&self, value: T) -> Result<u64, T> {
        let mut table = lock(&self.table);
        if table.ended {
            return Err(value);
        }
        table.slots.insert(value).map_err(|full| full.0)
    }

    /// Takes the value of `ticket` out; of any number of calls with one ticket exactly one gets it.
    pub fn remove(&self, ticket: u64) -> Option<T> {
        let value = lock(&self.table).slots.remove(ticket)?;
        for view in lock(&self.views).iter() {
            let copy = lock(view).remove(&ticket); // seed M35
            drop(copy);
        }
        Some(value)
    }

    /// Ends the table and returns all values; from here on it takes no more.
    pub fn end(&self) -> Vec<T> {
        let values = {
            let mut table = lock(&self.table);
            table.ended = true;
            table.slots.remove_all()
        };
        for view in lock(&self.views).iter() {
            lock(view).clear();
        }
        values
    }

    /// Returns how many values the table holds.
    pub fn len(&self) -> usize {
        lock(&self.table).slots.len()
    }

    /// Returns whether the table holds no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many looks have used a lock that other ports use too, or have found their view
    /// locked: those of a port's first use of an object, and those beside a removal.
    pub fn waits(&self) -> u64 {
        self.waits.load(Ordering::Relaxed)
    }

    fn count_wait(&self) {
        self.waits.fetch_add(1, Ordering::Relaxed);
    }
}

impl<T, const GENERATION_BITS: u32> fmt::Debug for SharedTable<T, GENERATION_BITS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&lock(&self.table).slots, f)
    }
}

/// The view that one port has of a [`SharedTable`].
pub struct SharedView<T, const GENERATION_BITS: u32 = 32> {
    table: Arc<SharedTable<T, GENERATION_BITS>>,
    copies: Arc<Copies<T>>,
}

impl<T: Clone, const GENERATION_BITS: u32> SharedView<T, GENERATION_BITS> {
    /// Makes a view of `table` for a port.
    pub fn new(table: &Arc<SharedTable<T, GENERATION_BITS>>) -> Self {
        let copies = Arc::new(Mutex::new(BTreeMap::new()));
        lock(&table.views).push(copies.clone());
        Self {
            table: table.clone(),
            copies,
        }
    }

    /// Returns a clone of the value of `ticket`; `None` when the ticket names nothing.
    pub fn get(&self, ticket: u64) -> Option<T> {
        let mut copies = self.lock();
        if let Some(value) = copies.get(&ticket) {
            return Some(value.clone());
        }
        self.table.count_wait();
        let value = lock(&self.table.table).slots.get(ticket)?.clone();
        copies.insert(ticket, value.clone());
        Some(value)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, T>> {
        if let Ok(copies) = self.copies.try_lock() {
            return copies;
        }
        self.table.count_wait();
        lock(&self.copies)
    }
}

impl<T, const GENERATION_BITS: u32> Drop for SharedView<T, GENERATION_BITS> {
    fn drop(&mut self) {
        let mut views = lock(&self.table.views);
        // Under the lock of the list: a removal that does not find this view finds no copy in it (rule 3).
        lock(&self.copies).clear();
        views.retain(|view| !Arc::ptr_eq(view, &self.copies));
    }
}

impl<T, const GENERATION_BITS: u32> fmt::Debug for SharedView<T, GENERATION_BITS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedView")
            .field("copies", &lock(&self.copies).len())
            .finish_non_exhaustive()
    }
}
