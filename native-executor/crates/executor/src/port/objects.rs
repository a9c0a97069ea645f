//! The objects of the runtime, as the records of one port name them. Any thread.

use super::Port;
use crate::objects::ObjectRef;

impl Port {
    /// Returns the object that a record names. One that Java gave with the record, since the record has no slot by
    /// which Java could keep it, is taken out.
    pub(super) fn object(&self, ticket: u64) -> Option<ObjectRef> {
        let object = self.objects.get(ticket);
        object.or_else(|| self.given_objects.remove(ticket))
    }

    /// Gives an object with the next record that names it: Java may close its own reference before the record is read.
    /// Returns the ticket by which the record has to name the object; `None` if there is no such object.
    pub(crate) fn give_object(&self, ticket: u64) -> Option<u64> {
        let object = self.objects.get(ticket)?;
        self.given_objects.insert(object).ok()
    }

    /// Takes back an object whose record was not written. Returns `false` if the ticket names none that was given.
    pub(crate) fn take_object_back(&self, given: u64) -> bool {
        let object = self.given_objects.remove(given);
        object
            .map(|object| self.environment.drop_object(object))
            .is_some()
    }

    /// Drops the objects whose records no dispatcher will read.
    pub(super) fn drop_given_objects(&self) {
        for object in self.given_objects.remove_all() {
            self.environment.drop_object(object);
        }
    }
}
