//! The end of a runtime or a port beside invocations, and records that no correct owner writes.

use super::*;

#[test]
fn a_handler_in_arguments_that_are_refused_is_released() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let handler = owner.object(1);
    let settled = owner.run("ask", &none().i64(1).handler(handler, 1).raw(&[1]));
    assert_eq!(settled.kind, OutcomeKind::Refused);
    owner.await_dropped();
    // A record whose flags lend nothing passes no handler.
    let unlent = none().i64(1).object(handler).raw(&[1, 0, 0, 0]);
    let settled = owner.run("ask", &unlent);
    assert_eq!(settled.kind, OutcomeKind::Refused);
    assert_nothing_left(owner, &runtime);
}

/// Asks on three threads, ends the runtime or the port, and asks again.
fn all_fail_at_the_end(with: &str, end: fn(&Owner)) {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (_, ask) = keep(&mut owner, 1);
    std::thread::scope(|threads| {
        let ask = &ask;
        let asking: Vec<_> = (0..3)
            .map(|number| threads.spawn(move || wait(ask.call(number))))
            .collect();
        // One of the invocations has its turn.
        let _ = owner.next_invocation();
        end(&owner);
        for thread in asking {
            assert_eq!(class(thread.join().expect("an answer")), with);
        }
    });
    assert_eq!(class(wait(ask.call(4))), with);
    drop(ask);
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

#[test]
fn the_end_of_the_runtime_ends_what_waits_elsewhere() {
    all_fail_at_the_end(CLOSED, |owner| {
        assert_eq!(owner.runtime.shutdown(PATIENCE), Ok(0));
    });
}

#[test]
fn the_end_of_the_port_ends_what_waits_elsewhere() {
    all_fail_at_the_end(OWNER_GONE, |owner| owner.port.close());
}

#[test]
fn the_end_ends_what_was_withdrawn_and_what_was_answered() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (_, ask) = keep(&mut owner, 2);
    let (mut first, mut second) = (asking(&ask, 1), asking(&ask, 2));
    assert!(poll(&mut first).is_pending());
    assert!(poll(&mut second).is_pending());
    let (withdrawn, _) = owner.next_invocation();
    let (answers, _) = owner.next_invocation();
    drop(first);
    assert_eq!(owner.next_asked(), Asked::Withdraw(withdrawn));
    // The doorbell is not rung: the dispatcher reads the answer when it ends.
    owner.submit_answer(answers, AnswerKind::Value, &none().i64(9));
    owner.port.close();
    assert_eq!(wait(second).ok(), Some(9));
    // The invocation may have reached the owner or not: the end came before it or after.
    assert_eq!(class(wait(ask.call(3))), OWNER_GONE);
    drop(ask);
    while owner.try_asked().is_some() {}
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

#[test]
fn a_call_that_waits_for_a_handler_settles_with_the_runtime() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    for _ in 0..10 {
        let handler = owner.object(1);
        owner.call("ask", &none().i64(1).handler(handler, 1));
        let _ = owner.next_invocation();
    }
    assert_eq!(runtime.shutdown(PATIENCE), Ok(0));
    let settled = owner.drain_closed();
    assert_eq!(settled.len(), 10);
    assert!(settled.iter().all(|call| call.kind == OutcomeKind::Closed));
    assert!(owner.objects.is_empty());
    assert_at_rest(&runtime);
}

#[test]
fn records_about_no_invocation_are_harmless() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (_, ask) = keep(&mut owner, 1);
    let (mut asking, invocation) = begun(&mut owner, &ask, 1);
    let thrown = owner.object(0);
    let error = none().thrown(thrown, "a.B", "", "");
    for unknown in [0, 1, !invocation, invocation ^ 1, invocation ^ 1 << 32] {
        for (kind, payload) in [
            (AnswerKind::Value, AnswerPayload::Inline(&[1; 8])),
            (AnswerKind::Error, AnswerPayload::Inline(&[0; 8])),
            (AnswerKind::Value, AnswerPayload::Given(invocation)),
        ] {
            let answer = Answer {
                invocation: unknown,
                kind,
                payload,
            };
            owner.submit_words(&answer.encode());
        }
        let mut unreadable = acknowledgement(unknown);
        owner.submit_words(&unreadable);
        unreadable[0] = 0xffff_ff03;
        owner.submit_words(&unreadable);
    }
    // The invocation has not been withdrawn.
    owner.submit_words(&acknowledgement(invocation));
    await_read(&mut owner);
    assert!(poll(&mut asking).is_pending());
    // The object in an answer to no invocation is released.
    let answer = Answer {
        invocation: !invocation,
        kind: AnswerKind::Error,
        payload: AnswerPayload::Inline(&error.bytes),
    };
    owner.submit_words(&answer.encode());
    await_read(&mut owner);
    assert_eq!(owner.try_asked(), None);
    assert!(!owner.objects.contains_key(&thrown));
    // The first answer counts.
    owner.answer(invocation, &none().i64(5));
    let again = Answer {
        invocation,
        kind: AnswerKind::Value,
        payload: AnswerPayload::Inline(&[6; 8]),
    };
    owner.submit_words(&again.encode());
    owner.submit_words(&acknowledgement(invocation));
    await_read(&mut owner);
    assert_eq!(answered(&mut asking).ok(), Some(5));
    drop((asking, ask));
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

#[test]
fn an_answer_that_cannot_be_read_is_an_error() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (_, ask) = keep(&mut owner, 1);
    let value = |bytes: &Written, invocation: u64| {
        let answer = Answer {
            invocation,
            kind: AnswerKind::Value,
            payload: AnswerPayload::Inline(&bytes.bytes),
        };
        answer.encode()
    };
    let broken: [fn(&mut [u64; 8]); 5] = [
        |words| words[0] |= 0x80 << 8,       // flags
        |words| words[0] |= 0xff << 16,      // length
        |words| words[0] |= 0xff << 32,      // neither value nor error
        |words| words[0] &= !(0xffff << 16), // no value at all
        |words| words[0] += 1 << 16,         // more than a value
    ];
    for breaks in broken {
        let (mut asking, invocation) = begun(&mut owner, &ask, 1);
        let mut words = value(&none().i64(1), invocation);
        breaks(&mut words);
        owner.submit_answer_words(invocation, &words);
        await_read(&mut owner);
        assert_eq!(class(answered(&mut asking)), MISMATCH);
    }
    // A payload that was not given, and a malformed error.
    let nothing_given = AnswerPayload::Given(42);
    for (kind, payload) in [
        (AnswerKind::Value, nothing_given),
        (AnswerKind::Error, nothing_given),
        (AnswerKind::Error, AnswerPayload::Inline(&[])),
    ] {
        let (mut asking, invocation) = begun(&mut owner, &ask, 1);
        let answer = Answer {
            invocation,
            kind,
            payload,
        };
        owner.submit_answer_words(invocation, &answer.encode());
        await_read(&mut owner);
        assert_eq!(class(answered(&mut asking)), MISMATCH);
    }
    // The object of an error without a text is released.
    let (mut asking, invocation) = begun(&mut owner, &ask, 1);
    let thrown = owner.object(0);
    owner.fail(invocation, &none().object(thrown).bytes(&[0xff]));
    await_read(&mut owner);
    assert_eq!(class(answered(&mut asking)), MISMATCH);
    drop((asking, ask));
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

struct BadWaker;

impl Wake for BadWaker {
    fn wake(self: Arc<Self>) {
        panic!("a waker of another executor");
    }
}

#[test]
fn a_waker_that_panics_harms_no_other() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (_, ask) = keep(&mut owner, 1);
    let waker = Waker::from(Arc::new(BadWaker));
    let context = &mut Context::from_waker(&waker);
    let (mut first, mut second) = (asking(&ask, 1), asking(&ask, 2));
    assert!(first.as_mut().poll(context).is_pending());
    assert!(second.as_mut().poll(context).is_pending());
    let (invocation, _) = owner.next_invocation();
    owner.answer(invocation, &none().i64(3));
    await_read(&mut owner);
    // One waker waits for the answer, and one for the turn.
    assert_eq!(runtime.counters().panics, 2);
    assert_eq!(answered(&mut first).ok(), Some(3));
    assert!(poll(&mut second).is_pending());
    let (invocation, _) = owner.next_invocation();
    owner.answer(invocation, &none().i64(4));
    await_read(&mut owner);
    assert_eq!(answered(&mut second).ok(), Some(4));
    drop((first, second, ask));
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

/// The steps of the owner of the test below.
#[derive(Default)]
struct Work {
    live: Vec<CallId>,
    unanswered: Vec<u64>,
    withdrawn: Vec<u64>,
    asked: usize,
    given_up: usize,
    settled: BTreeMap<u8, usize>,
}

impl Work {
    fn read(&mut self, owner: &mut Owner) {
        while let Some(asked) = owner.try_asked() {
            match asked {
                Asked::Invoke { invocation, .. } => {
                    self.asked += 1;
                    self.unanswered.push(invocation);
                }
                Asked::Withdraw(invocation) => {
                    self.given_up += 1;
                    self.unanswered
                        .retain(|unanswered| *unanswered != invocation);
                    self.withdrawn.push(invocation);
                }
            }
        }
        while let Some(settled) = owner.try_next() {
            self.live.retain(|call| *call != settled.call);
            *self.settled.entry(settled.kind as u8).or_default() += 1;
        }
    }

    fn answer_one(&mut self, owner: &mut Owner, random: &mut Random) {
        if self.unanswered.is_empty() {
            return;
        }
        let invocation = self
            .unanswered
            .swap_remove(random.below(self.unanswered.len()));
        if random.below(3) == 0 {
            let stack = " ".repeat(random.below(100));
            let thrown = owner.object(0);
            let error = none().thrown(thrown, "a.B", "", &stack);
            owner.submit_answer(invocation, AnswerKind::Error, &error);
        } else {
            owner.submit_answer(invocation, AnswerKind::Value, &none().i64(1));
        }
    }

    fn acknowledge_one(&mut self, owner: &mut Owner, random: &mut Random) {
        if !self.withdrawn.is_empty() {
            let at = random.below(self.withdrawn.len());
            owner.submit_acknowledgement(self.withdrawn.swap_remove(at));
        }
    }
}

#[test]
fn invocations_that_end_in_any_order_leave_nothing() {
    const CALLS: usize = 20_000;
    let runtime = runtime(register);
    let mut owner = Owner::with(&runtime, 1_024, 1 << 20);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let place = fresh();
    let shared = owner.object(3);
    owner.run("keep", &none().i64(place).handler(shared, 3));
    let mut work = Work::default();
    let mut begun = 0;
    while begun < CALLS || owner.in_flight() > 0 {
        for _ in 0..random.below(16) {
            if begun == CALLS || owner.in_flight() > 100 {
                break;
            }
            begun += 1;
            let polls = match random.below(3) {
                0 => i64::MAX,
                _ => random.below(64) as i64,
            };
            let written = none().i64(polls).i64(begun as i64);
            let call = if random.below(2) == 0 {
                owner.submit("askShared", &written.i64(place))
            } else {
                let handler = owner.object(1);
                owner.submit("askPatiently", &written.handler(handler, 1))
            };
            work.live.push(call);
            if random.below(3) == 0 {
                let at = random.below(work.live.len());
                owner.submit_cancel(work.live.swap_remove(at));
            }
        }
        owner.flush();
        for _ in 0..random.below(32) {
            work.read(&mut owner);
            match random.below(3) {
                0 => work.acknowledge_one(&mut owner, &mut random),
                _ => work.answer_one(&mut owner, &mut random),
            }
        }
        owner.flush();
    }
    let settled = |kind: OutcomeKind| work.settled.get(&(kind as u8)).copied().unwrap_or(0);
    let kinds = [
        OutcomeKind::Value,
        OutcomeKind::Thrown,
        OutcomeKind::Cancelled,
    ];
    assert_eq!(kinds.map(settled).iter().sum::<usize>(), CALLS);
    for kind in kinds {
        assert!(settled(kind) > CALLS / 100, "{kind:?}: {}", settled(kind));
    }
    assert!(work.given_up > CALLS / 100, "{} given up", work.given_up);
    drop(handlers().remove(&place));
    while !owner.objects.is_empty() {
        work.read(&mut owner);
        work.acknowledge_one(&mut owner, &mut random);
        owner.flush();
        std::thread::yield_now();
    }
    assert_nothing_left(owner, &runtime);
}
