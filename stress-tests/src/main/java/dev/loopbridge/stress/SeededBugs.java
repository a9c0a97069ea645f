package dev.loopbridge.stress;

import java.time.Duration;
import java.util.List;

/** The bugs that {@code self-check} plants: most are bugs that others once shipped. */
final class SeededBugs {

  private static final String PROTOCOL = "native-executor/crates/protocol/src/";
  private static final String EXECUTOR = "native-executor/crates/executor/src/";
  private static final String CORE = "bridge-core/src/main/java/dev/loopbridge/";

  /** Some suites build what they run, in this time too. */
  private static final Duration BUDGET = Duration.ofMinutes(5);

  private SeededBugs() {}

  static List<SeededBug> all() {
    return List.of(
        bug(
            "M1",
            "a drain does not look again after it has cleared the wake word",
            "history",
            "order/netty-nio",
            CORE + "Drain.java",
            "more = offers.hasMore(); } while (more && offers.schedule()); if (isBehind()",
            "more = false; } while (more && offers.schedule()); if (isBehind()"),
        bug(
            "M2",
            "the wake word's fast path is a load that nothing orders",
            "models",
            "loom_wake",
            PROTOCOL + "wake.rs",
            "fence(Ordering::SeqCst); if self.word().load",
            "if self.word().load"),
        bug(
            "M3",
            "the wake word is set by a load and a store",
            "schedules",
            "shuttle_wake",
            PROTOCOL + "wake.rs",
            "let before = self.word().fetch_or(bits, Ordering::Release);",
            "let before = self.word().load(Ordering::Relaxed); self.word().store(before | bits, Ordering::Release);"),
        bug(
            "M4",
            "a call settles by a look and a store",
            "jcstress",
            "DecisionRaces.SettleOrCancel",
            CORE + "LoopStep.java",
            "return STATE.compareAndSet(this, PENDING, as);",
            "if (state != PENDING) { return false; } state = as; return true;"),
        bug(
            "M5",
            "a cancel frees the slot while its future is polled",
            "schedules",
            "shuttle_port",
            PROTOCOL + "settle.rs",
            "Self::word(CANCELLED, generation), Ordering::Release,",
            "Self::word(EMPTY, generation), Ordering::Release,"),
        bug(
            "M6",
            "a waker that is lent is dropped, though it holds no count",
            "history",
            "matrix/netty-nio",
            EXECUTOR + "local/waker.rs",
            "let waker = ManuallyDrop::new(Waker::from(uncounted));",
            "let _ = ManuallyDrop::new(0); let waker = Waker::from(uncounted);"),
        bug(
            "M7",
            "a waker that is used up keeps its port",
            "history",
            "matrix/netty-nio",
            EXECUTOR + "local/waker.rs",
            "fn wake(self: Arc<Self>) { self.wake_by_ref();",
            "fn wake(self: Arc<Self>) { self.wake_by_ref(); std::mem::forget(self);"),
        bug(
            "M8",
            "a record is published before it is written",
            "schedules",
            "shuttle_port",
            PROTOCOL + "completion.rs",
            "place.write(1, record); // Release",
            "place.sequence().store(index.wrapping_add(1), Ordering::Release); place.write(1, record); // Release"),
        bug(
            "M9",
            "a ticket's generation is not looked at",
            "hostile",
            "",
            PROTOCOL + "slots.rs",
            "(entry.generation == generation).then_some(index)",
            "(entry.generation >= generation || entry.generation < generation).then_some(index)"),
        bug(
            "M10",
            "a port's JNI reference is counted as deleted, but is not",
            "hygiene",
            "leaks",
            EXECUTOR + "jvm/upcall.rs",
            "let delete = |env: Env| env.delete_global(self.object);",
            "let delete = |_env: Env| ();"),
        bug(
            "M11",
            "each upcall leaves a local reference on its worker thread",
            "hygiene",
            "",
            EXECUTOR + "jvm/upcall.rs",
            "match env.call_void(self.object, self.jvm.port_wake) {",
            "let _ = env.new_local(self.object); match env.call_void(self.object, self.jvm.port_wake) {"),
        new SeededBug(
            "M12",
            "an upcall throws at times, and its exception stays pending on the worker",
            "faults",
            "refuses",
            BUDGET,
            List.of(
                new SeededBug.Edit(
                    CORE + "DrainOffers.java",
                    "} else { offer(); } } /** Puts a drain",
                    "} else { offer(); if (System.nanoTime() % 8 == 0) { throw new IllegalStateException(); } } } /** Puts a drain"),
                new SeededBug.Edit(
                    EXECUTOR + "jvm/upcall.rs",
                    "Err(_) => { env.describe_and_clear(); Upcall::Failed",
                    "Err(_) => { Upcall::Failed"))),
        new SeededBug(
            "M13",
            "an upcall is made with a lock held that opening a port takes too",
            "faults",
            "waits",
            BUDGET,
            List.of(
                new SeededBug.Edit(
                    EXECUTOR + "jvm/upcall.rs",
                    "impl JavaPort {",
                    "static HELD: std::sync::Mutex<()> = std::sync::Mutex::new(()); impl JavaPort {"),
                new SeededBug.Edit(
                    EXECUTOR + "jvm/upcall.rs",
                    "let object = env.new_global(object)?;",
                    "let _held = HELD.lock(); let object = env.new_global(object)?;"),
                new SeededBug.Edit(
                    EXECUTOR + "jvm/upcall.rs",
                    "let made = self.jvm.vm.with_environment(|env| self.call(env));",
                    "let _held = HELD.lock(); let made = self.jvm.vm.with_environment(|env| self.call(env));"))),
        bug(
            "M14",
            "calls that are started in polls nest without a bound",
            "history",
            "chains/small-stack",
            CORE + "LocalCalls.java",
            "DEEPEST = 32;",
            "DEEPEST = 1 << 30;"),
        bug(
            "M15",
            "workers are attached as user threads, which keep the JVM",
            "process",
            "exits/RETURN",
            EXECUTOR + "jvm/attach.rs",
            "((**self.0).v1_4.AttachCurrentThreadAsDaemon)(",
            "((**self.0).v1_1.AttachCurrentThread)("),
        bug(
            "M16",
            "a drain that the loop refuses is never offered again",
            "storm",
            "reluctant/netty-nio",
            CORE + "DrainOffers.java",
            "Sideline.EXECUTOR.schedule(this::offerAgain, RETRY_MILLIS, TimeUnit.MILLISECONDS);",
            "assert TimeUnit.MILLISECONDS.toNanos(RETRY_MILLIS) > 0;"),
        bug(
            "M17",
            "a native method lets a panic out",
            "faults",
            "entry-port_open",
            EXECUTOR + "jvm/guard.rs",
            "match panics::catch(|| body(env)) {",
            "match Ok::<_, Box<Panic>>(body(env)) {"),
        bug(
            "M18",
            "a record's length is cut to what fits instead of being refused",
            "codec",
            "",
            PROTOCOL + "record/bytes.rs",
            "let held = bytes.get(..usize::from(length)).and_then(Inline::new);",
            "let held = bytes.get(..usize::from(length).min(N)).and_then(Inline::new);"),
        bug(
            "M19",
            "the queue of calls from other threads is bounded and drops what is too much",
            "history",
            "programs/netty-nio",
            CORE + "DrainOffers.java",
            "inbox.push(step);",
            "if (inbox.isEmpty()) { inbox.push(step); }"),
        bug(
            "M20",
            "a worker looks up a class by its name, in a class loader that is not the library's",
            "process",
            "reloads",
            EXECUTOR + "jvm/upcall.rs",
            "if env.is_exception_pending() { return Upcall::Failed; } match",
            "if env.is_exception_pending() { return Upcall::Failed; } if env.find_class(c\"dev/loopbridge/Port\").is_err() { env.describe_and_clear(); return Upcall::Failed; } match"),
        bug(
            "M21",
            "a worker ends without leaving the JVM",
            "process",
            "threads",
            EXECUTOR + "jvm/attach.rs",
            "if let Some(jvm) = super::jvm() { jvm.vm.detach(); } metrics",
            "metrics"),
        bug(
            "M22",
            "two closes of one object may both release it",
            "jcstress",
            "DecisionRaces.RefClose",
            CORE + "NativeRef.java",
            "if (hold.end(LoopStep.SETTLED)) {",
            "if (!isClosed()) { hold.end(LoopStep.SETTLED);"),
        bug(
            "M23",
            "a slot's next call has the generation of the one before",
            "lincheck",
            "Slots",
            CORE + "SlotTable.java",
            "int generation = generations[slot] + 1;",
            "int generation = generations[slot];"),
        bug(
            "M24",
            "the library is extracted to a place that anybody can guess",
            "process",
            "loading",
            CORE + "PrivateCopy.java",
            "Files.createTempDirectory(temporary, \"loopbridge-\", ownerOnly(\"rwx------\"));",
            "Files.createDirectories(temporary.resolve(\"loopbridge\"));"),
        bug(
            "M25",
            "a worker drains in the loop's place",
            "history",
            "order/netty-nio",
            CORE + "DrainOffers.java",
            "} else { offer(); } } /** Puts a drain",
            "} else { drain.run(); } } /** Puts a drain"),
        bug(
            "M26",
            "a cancel never reaches Rust",
            "history",
            "matrix/netty-nio",
            CORE + "CallHandle.java",
            "if (!end(CANCELLED)) { return false; } port.run(this);",
            "if (!end(CANCELLED)) { return false; }"),
        bug(
            "M27",
            "results that are ready together are published in reverse",
            "models",
            "loom_completion",
            PROTOCOL + "completion.rs",
            "for (index, record) in (claimed..).zip(records) {",
            "for (index, record) in (claimed..).zip(records.iter().rev()) {"),
        bug(
            "M28",
            "two producers' claims in the ring are not ordered",
            "models",
            "loom_completion",
            PROTOCOL + "completion.rs",
            "records.len() as u64, Ordering::AcqRel",
            "records.len() as u64, Ordering::Relaxed"),
        bug(
            "M29",
            "a library's number is cut to what fits",
            "hostile",
            "",
            EXECUTOR + "jvm/table.rs",
            ".and_then(|number| INSTALLED.get(number));",
            ".and_then(|number| INSTALLED.get(number & 1));"),
        bug(
            "M30",
            "arguments one byte too long are written into the record",
            "codec",
            "",
            CORE + "ArgumentWriter.java",
            "if (inline <= RecordLayout.SUBMISSION_INLINE_BYTES) { write(signature.arguments",
            "if (inline <= RecordLayout.SUBMISSION_INLINE_BYTES + 1) { write(signature.arguments"),
        bug(
            "M31",
            "what Rust let go of stays in the handlers' table",
            "history",
            "matrix/netty-nio",
            CORE + "Handlers.java",
            "void drop(int slot, int generation) { objects.drop(slot, generation);",
            "void drop(int slot, int generation) { assert slot >= 0 || generation != 0;"),
        bug(
            "M32",
            "a drain is scheduled each time, not once",
            "storm",
            "plain/netty-nio",
            CORE + "CompletionRing.java",
            "& RecordLayout.WAKE_SCHEDULED) == 0;",
            "& RecordLayout.WAKE_SCHEDULED) >= 0;"),
        bug(
            "M33",
            "a stale cancel marks the slot's next call",
            "schedules",
            "shuttle_port",
            PROTOCOL + "settle.rs",
            "match exchanged { Ok(_) => Cancel::Abort,",
            "if exchanged.is_err() { self.word.store(Self::word(CANCELLED, generation), Ordering::Release); } match exchanged { Ok(_) => Cancel::Abort,"));
  }

  private static SeededBug bug(
      String id, String about, String suite, String scene, String file, String found, String put) {
    return new SeededBug(
        id, about, suite, scene, BUDGET, List.of(new SeededBug.Edit(file, found, put)));
  }
}
