package dev.loopbridge.stress;

import java.time.Duration;
import java.util.List;

/** The bugs that {@code self-check} plants: most are bugs that others once shipped. */
final class SeededBugs {

  /** The budget of suites that build what they run: it includes that build. */
  private static final Duration BUDGET = Duration.ofMinutes(5);

  private SeededBugs() {}

  static List<SeededBug> all() {
    return List.of(
        bug(
            "M1",
            "a drain does not look again after it has cleared the wake word",
            "history",
            "order/netty-nio",
            put("M1", "more = false;")),
        bug(
            "M2",
            "the wake word's fast path is a load that nothing orders",
            "models",
            "loom_wake",
            put("M2", "")),
        bug(
            "M3",
            "the wake word is set by a load and a store",
            "schedules",
            "shuttle_wake",
            put(
                "M3",
                "let before = self.word().load(Ordering::Relaxed); self.word().store(before | bits, Ordering::Release);")),
        bug(
            "M4",
            "a call settles by a look and a store",
            "jcstress",
            "DecisionRaces.SettleOrCancel",
            put("M4", "if (state != PENDING) { return false; } state = as; return true;")),
        bug(
            "M5",
            "a cancel frees the slot while its future is polled",
            "schedules",
            "shuttle_port",
            put("M5", "Self::word(EMPTY, generation),")),
        bug(
            "M6",
            "a waker that is lent is dropped, though it holds no count",
            "history",
            "matrix/netty-nio",
            put("M6", "let _ = ManuallyDrop::new(0); let waker = Waker::from(uncounted);")),
        bug(
            "M7",
            "a waker that is used up keeps its port",
            "history",
            "matrix/netty-nio",
            put("M7", "self.wake_by_ref(); std::mem::forget(self);")),
        bug(
            "M8",
            "a record is published before it is written",
            "schedules",
            "shuttle_port",
            put(
                "M8",
                "place.sequence().store(index.wrapping_add(1), Ordering::Release); place.write(1, record);")),
        bug(
            "M9",
            "a ticket's generation is not looked at",
            "hostile",
            "",
            put(
                "M9",
                "(entry.generation >= generation || entry.generation < generation).then_some(index)")),
        bug(
            "M10",
            "a port's JNI reference is counted as deleted, but is not",
            "hygiene",
            "leaks",
            put("M10", "let delete = |_env: Env| ();")),
        bug(
            "M11",
            "each upcall leaves a local reference on its worker thread",
            "hygiene",
            "",
            put(
                "M11",
                "let _ = env.new_local(self.object); match env.call_void(self.object, self.jvm.port_wake) {")),
        bug(
            "M12",
            "an upcall throws at times, and its exception stays pending on the worker",
            "faults",
            "refuses",
            put(
                "M12a",
                "offer(); if (System.nanoTime() % 8 == 0) { throw new IllegalStateException(); }"),
            put("M12b", "")),
        bug(
            "M13",
            "an upcall is made with a lock held that opening a port takes too",
            "faults",
            "waits",
            put(
                "M13a",
                "static HELD: std::sync::Mutex<()> = std::sync::Mutex::new(()); impl JavaPort {"),
            put("M13b", "let _held = HELD.lock(); let object = env.new_global(object)?;"),
            put(
                "M13c",
                "let _held = HELD.lock(); let made = self.jvm.vm.with_environment(|env| self.call(env));")),
        bug(
            "M14",
            "calls that are started in polls nest without a bound",
            "history",
            "chains/small-stack",
            put("M14", "private static final int DEEPEST = 1 << 30;")),
        bug(
            "M15",
            "workers are attached as user threads, which keep the JVM",
            "process",
            "exits/RETURN",
            put("M15", "((**self.0).v1_1.AttachCurrentThread)(")),
        bug(
            "M16",
            "a drain that the loop refuses is never offered again",
            "storm",
            "reluctant/netty-nio",
            put("M16", "assert TimeUnit.MILLISECONDS.toNanos(RETRY_MILLIS) > 0;")),
        bug(
            "M17",
            "a native method lets a panic out",
            "faults",
            "entry-port_open",
            put("M17", "let thrown = match Ok::<_, Box<crate::panics::Panic>>(body(env)) {")),
        bug(
            "M18",
            "a record's length is cut to what fits instead of being refused",
            "codec",
            "",
            put(
                "M18",
                "let held = bytes.get(..usize::from(length).min(N)).and_then(Inline::new);")),
        bug(
            "M19",
            "the queue of calls from other threads is bounded and drops what is too much",
            "history",
            "programs/netty-nio",
            put("M19", "if (inbox.isEmpty()) { inbox.push(step); }")),
        bug(
            "M20",
            "a worker looks up a class by its name, in a class loader that is not the library's",
            "process",
            "reloads",
            put(
                "M20",
                "if env.find_class(c\"dev/loopbridge/PortUpcalls\").is_err() { env.describe_and_clear(); return Upcall::Failed; } match env.call_void(self.object, self.jvm.port_wake) {")),
        bug(
            "M21",
            "a worker ends without leaving the JVM",
            "process",
            "threads",
            put("M21", "let _ = self;")),
        bug(
            "M22",
            "two closes of one object may both release it",
            "jcstress",
            "DecisionRaces.RefClose",
            put("M22", "if (!isClosed()) { hold.end(LoopStep.SETTLED);")),
        bug(
            "M23",
            "a slot's next call has the generation of the one before",
            "hostile",
            "tables",
            put("M23", "int generation = generations[slot];")),
        bug(
            "M24",
            "the library is extracted to a place that anybody can guess",
            "process",
            "loading",
            put("M24", "directory = Files.createDirectories(temporary.resolve(\"loopbridge\"));")),
        bug(
            "M25",
            "a worker drains in the loop's place",
            "history",
            "order/netty-nio",
            put("M25", "drain.run();")),
        bug("M26", "a cancel never reaches Rust", "history", "matrix/netty-nio", put("M26", "")),
        bug(
            "M27",
            "results that are ready together are published in reverse",
            "models",
            "loom_completion",
            put("M27", "for (index, record) in (claimed..).zip(records.iter().rev()) {")),
        bug(
            "M28",
            "two producers' claims in the ring are not ordered",
            "models",
            "loom_completion",
            put("M28", ".fetch_add(records.len() as u64, Ordering::Relaxed);")),
        bug(
            "M29",
            "a library's number is cut to what fits",
            "hostile",
            "",
            put("M29", ".and_then(|number| INSTALLED.get(number & 1));")),
        bug(
            "M30",
            "arguments one byte too long are written into the record",
            "codec",
            "",
            put("M30", "if (inline <= RecordLayout.SUBMISSION_INLINE_BYTES + 1) {")),
        bug(
            "M31",
            "a handler that Rust has released stays in the handlers' table",
            "history",
            "matrix/netty-nio",
            put("M31", "assert slot >= 0 || generation != 0;")),
        bug(
            "M32",
            "a drain is scheduled each time, not once",
            "storm",
            "plain/netty-nio",
            put("M32", ">= 0;")),
        bug(
            "M33",
            "a stale cancel marks the slot's next call",
            "schedules",
            "shuttle_port",
            put(
                "M33",
                "if exchanged.is_err() { self.word.store(Self::word(CANCELLED, generation), Ordering::Release); } match exchanged {")),
        bug(
            "M34",
            "an event of a port's life is stored over another thread's",
            "jcstress",
            "LifeRaces.OrphanOrEnd",
            put("M34", "int before = word; word = before | bit; return before;")),
        bug(
            "M35",
            "the close of an object leaves it in the view of a port",
            "models",
            "loom_shared",
            put("M35", "let copy: Option<T> = None; let _ = view;")),
        bug(
            "M36",
            "a call begins to use an object by a look and a store",
            "jcstress",
            "ObjectRaces.CloseOrStart",
            put("M36", "} while (false); state = before + USE;")));
  }

  private static SeededBug bug(
      String id, String about, String suite, String scene, SeededBug.Edit... edits) {
    return new SeededBug(id, about, suite, scene, BUDGET, List.of(edits));
  }

  private static SeededBug.Edit put(String mark, String put) {
    return new SeededBug.Edit(mark, put);
  }
}
