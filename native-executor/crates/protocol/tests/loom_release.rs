//! An object of the owner's that Rust holds: its last clone is dropped beside its last use. The owner, who reuses the
//! place after the drop, reads the use first.
#![cfg(loom)]

mod model;
mod owner;

use loom::sync::Arc;
use loom::thread;
use loopbridge_protocol::record::decode_request;
use loopbridge_protocol::{CallId, CompletionProducer, Payload, PortMemory, Request, WakeWord};
use model::model;
use owner::OwnerLoop;

/// Rust's reference to an object; its drop releases the object.
struct Object {
    memory: Arc<PortMemory>,
    owner: Arc<OwnerLoop>,
    id: CallId,
}

impl Object {
    /// The only object of `owner`'s table, in the nth use of its place.
    fn new(memory: &Arc<PortMemory>, owner: &Arc<OwnerLoop>, generation: u32) -> Arc<Self> {
        Arc::new(Self {
            memory: memory.clone(),
            owner: owner.clone(),
            id: CallId {
                slot: 0,
                generation,
            },
        })
    }

    fn invoke(&self) {
        self.request(&Request::Invoke {
            handler: self.id,
            invocation: 1,
            argument: Payload::NONE,
        });
    }

    fn request(&self, request: &Request<'_>) {
        CompletionProducer::new(self.memory.clone()).publish(&[request.encode()]);
        self.owner
            .wake(WakeWord::new(self.memory.clone()).schedule());
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        // After a failure the model makes no further use of loom.
        if !std::thread::panicking() {
            self.request(&Request::Drop { object: self.id });
        }
    }
}

/// A thread with a clone, which uses it this many times and drops it.
fn user(object: &Arc<Object>, uses: usize) -> thread::JoinHandle<()> {
    let object = object.clone();
    thread::spawn(move || {
        for _ in 0..uses {
            object.invoke();
        }
    })
}

/// The owner's table: how often each use of its place was named before its DROP record, and how many DROP records were
/// read.
fn table(owner: &OwnerLoop) -> (Vec<usize>, u32) {
    owner.execute(|confined| {
        let (mut invoked, mut dropped) = (vec![0], 0);
        for words in &confined.requests {
            match decode_request(words) {
                Ok(Request::Invoke { handler, .. }) => {
                    assert_eq!(handler.generation, dropped, "it names what was dropped");
                    invoked[dropped as usize] += 1;
                }
                Ok(Request::Drop { object }) => {
                    assert_eq!(object.generation, dropped, "it is dropped again");
                    dropped += 1;
                    invoked.push(0);
                }
                other => panic!("{other:?}"),
            }
        }
        (invoked, dropped)
    })
}

/// Neither of the two threads can know whether its clone is the last.
#[test]
fn an_object_is_dropped_elsewhere_than_it_is_used() {
    model("use, drop elsewhere", "I8 I24", || {
        let memory = Arc::new(PortMemory::allocate(1, 4).unwrap());
        let owner = OwnerLoop::scheduled(&memory);
        let object = Object::new(&memory, &owner, 0);
        let threads = [user(&object, 1), user(&object, 0)];
        drop(object);
        owner.drain();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(table(&owner), (vec![1, 0], 1));
    });
}

#[test]
fn an_object_is_used_beside_another_last_use() {
    model("two last uses", "I8 I24", || {
        let memory = Arc::new(PortMemory::allocate(1, 4).unwrap());
        let owner = OwnerLoop::scheduled(&memory);
        let object = Object::new(&memory, &owner, 0);
        let threads = [user(&object, 1), user(&object, 1)];
        drop(object);
        owner.drain();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(table(&owner), (vec![2, 0], 1));
    });
}

/// The owner gives the place to another object as soon as it has read the DROP record.
#[test]
fn an_objects_place_is_used_again() {
    model("use, drop elsewhere, place reuse", "I8 I9", || {
        let memory = Arc::new(PortMemory::allocate(1, 4).unwrap());
        let owner = OwnerLoop::scheduled(&memory);
        let object = Object::new(&memory, &owner, 0);
        let first = user(&object, 1);
        let second = user(&object, 0);
        drop(object);
        owner.drain();
        let early = (table(&owner).1 == 1).then(|| user(&Object::new(&memory, &owner, 1), 1));
        first.join().unwrap();
        second.join().unwrap();
        assert!(table(&owner).1 > 0);
        let next = early.unwrap_or_else(|| user(&Object::new(&memory, &owner, 1), 1));
        next.join().unwrap();
        assert_eq!(table(&owner), (vec![1, 1, 0], 2));
    });
}
