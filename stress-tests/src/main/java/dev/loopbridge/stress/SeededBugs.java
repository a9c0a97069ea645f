package dev.loopbridge.stress;

import java.time.Duration;
import java.util.List;

/** The bugs that {@code self-check} plants: most are bugs that others once shipped. */
final class SeededBugs {

  private static final String PROTOCOL = "native-executor/crates/protocol/src/";
  private static final String EXECUTOR = "native-executor/crates/executor/src/";
  private static final String CORE = "bridge-core/src/main/java/dev/loopbridge/";

  private static final Duration BUDGET = Duration.ofSeconds(120);

  private SeededBugs() {}

  static List<SeededBug> all() {
    return List.of(
        bug(
            "M1",
            "a drain looks for more before it clears the wake word, not after",
            "storm",
            "",
            edit(
                CORE + "Port.java",
                """
                        closed = idle();
                        more = hasMore();
                      } while (more && schedule());
                      // Where more came""",
                """
                        more = hasMore();
                        closed = idle();
                      } while (more && schedule());
                      // Where more came""")),
        bug(
            "M2",
            "the wake word's fast path is a load that nothing orders",
            "models",
            "loom_wake",
            edit(
                PROTOCOL + "wake.rs",
                """
                        fence(Ordering::SeqCst);
                        if self.word().load""",
                """
                        if self.word().load""")),
        bug(
            "M3",
            "two wakes of one future publish it twice",
            "models",
            "loom_poll",
            edit(
                PROTOCOL + "poll.rs",
                "match self.word.fetch_or(WOKEN, Ordering::AcqRel) {",
                """
                let before = self.word.load(Ordering::Acquire);
                        self.word.store(before | WOKEN, Ordering::Release);
                        match before {""")),
        bug(
            "M4",
            "a call settles by check and set",
            "jcstress",
            "",
            edit(
                CORE + "LoopStep.java",
                "return STATE.compareAndSet(this, PENDING, as);",
                """
                if (state != PENDING) {
                      return false;
                    }
                    state = as;
                    return true;""")),
        bug(
            "M5",
            "a cancel frees the slot while its future is polled",
            "models",
            "loom_settle",
            edit(
                PROTOCOL + "settle.rs",
                """
                            Self::word(RUNNING, generation),
                            Self::word(CANCELLED, generation),
                            Ordering::Release,""",
                """
                            Self::word(RUNNING, generation),
                            Self::word(EMPTY, generation),
                            Ordering::Release,""")),
        bug(
            "M6",
            "a waker that is lent is dropped, though it holds no count",
            "history",
            "",
            edit(
                EXECUTOR + "local/waker.rs",
                "let waker = ManuallyDrop::new(Waker::from(uncounted));",
                """
                let waker = Waker::from(uncounted);
                        let _ = ManuallyDrop::new(0);""")),
        bug(
            "M7",
            "a result's native memory is looked up but never given back",
            "history",
            "",
            edit(
                EXECUTOR + "port.rs",
                "let Some(bytes) = self.payloads.remove(ticket) else {",
                "let Some(bytes) = self.payloads.get(ticket) else {")),
        bug(
            "M8",
            "a record is published before it is written",
            "models",
            "loom_completion",
            edit(
                PROTOCOL + "completion.rs",
                """
                            place.write(1, record);
                            // Release""",
                """
                            place.sequence().store(index.wrapping_add(1), Ordering::Release);
                            place.write(1, record);
                            // Release""")),
        bug(
            "M9",
            "a ticket's generation is not looked at",
            "hostile",
            "",
            edit(
                PROTOCOL + "slots.rs",
                "(entry.generation == generation).then_some(index)",
                "(entry.generation == generation || index < 1 << 20).then_some(index)")),
        bug(
            "M10",
            "a port's JNI reference is counted as deleted, but is not",
            "hygiene",
            "",
            edit(
                EXECUTOR + "jvm/upcall.rs",
                "let delete = |env: Env| env.delete_global(self.object);",
                "let delete = |_env: Env| ();")),
        bug(
            "M11",
            "each upcall leaves a local reference on its worker thread",
            "hygiene",
            "",
            edit(
                EXECUTOR + "jvm/upcall.rs",
                "match env.call_void(self.object, self.jvm.port_wake) {",
                """
                let _ = env.new_local(self.object);
                        match env.call_void(self.object, self.jvm.port_wake) {""")),
        bug(
            "M12",
            "an exception of an upcall stays pending",
            "faults",
            "",
            edit(
                EXECUTOR + "jvm/upcall.rs",
                """
                            Err(_) => {
                                env.describe_and_clear();
                                Upcall::Failed""",
                """
                            Err(_) => {
                                Upcall::Failed""")),
        bug(
            "M15",
            "workers are attached as user threads, which keep the JVM",
            "process",
            "",
            edit(
                EXECUTOR + "jvm/attach.rs",
                "((**self.0).v1_4.AttachCurrentThreadAsDaemon)(",
                "((**self.0).v1_1.AttachCurrentThread)(")),
        bug(
            "M16",
            "a drain that the loop refuses is never offered again",
            "faults",
            "",
            edit(
                CORE + "Port.java",
                "Sideline.EXECUTOR.schedule(this::offerDrain, RETRY_MILLIS, TimeUnit.MILLISECONDS);",
                "assert TimeUnit.MILLISECONDS.toNanos(RETRY_MILLIS) > 0;")),
        bug(
            "M17",
            "a native method lets a panic out",
            "faults",
            "",
            edit(
                EXECUTOR + "jvm/guard.rs",
                "let thrown = match panics::catch(|| body(env)) {",
                "let thrown = match Ok::<_, Panic>(body(env)) {")),
        bug(
            "M19",
            "the queue of calls from other threads is bounded and drops what is too much",
            "storm",
            "",
            edit(
                CORE + "Port.java",
                "inbox.offer(step);",
                """
                if (inbox.size() < 64) {
                      inbox.offer(step);
                    }""")),
        bug(
            "M20",
            "a worker looks up a class by its name, in a class loader that is not the library's",
            "process",
            "",
            edit(
                EXECUTOR + "jvm/upcall.rs",
                """
                        if env.is_exception_pending() {
                            return Upcall::Failed;
                        }
                        match""",
                """
                        if env.is_exception_pending() {
                            return Upcall::Failed;
                        }
                        if env.find_class(c"dev/loopbridge/Port").is_err() {
                            env.describe_and_clear();
                            return Upcall::Failed;
                        }
                        match""")),
        bug(
            "M21",
            "a worker ends without leaving the JVM",
            "process",
            "",
            edit(
                EXECUTOR + "jvm/attach.rs",
                """
                    if let Some(jvm) = super::jvm() {
                        jvm.vm.detach();
                    }
                    metrics""",
                """
                    metrics""")),
        bug(
            "M22",
            "closing an object twice releases it twice",
            "jcstress",
            "",
            edit(
                CORE + "NativeRef.java",
                "if (hold.end(LoopStep.SETTLED)) {",
                "if (hold.end(LoopStep.SETTLED) || hold.state() == LoopStep.SETTLED) {")),
        bug(
            "M24",
            "the library is extracted to a place that anybody can guess",
            "process",
            "",
            edit(
                CORE + "LibraryFile.java",
                "directory = Files.createTempDirectory(\"loopbridge-\", ownerOnly(\"rwx------\"));",
                """
                directory =
                          Files.createDirectories(
                              Path.of(System.getProperty("java.io.tmpdir"), "loopbridge-" + name));""")),
        bug(
            "M25",
            "a worker drains in the loop's place",
            "storm",
            "",
            edit(
                CORE + "Port.java",
                """
                    } else {
                      offerDrain();
                    }
                  }

                  /**
                   * The other upcall""",
                """
                    } else {
                      drain(true);
                    }
                  }

                  /**
                   * The other upcall""")),
        bug(
            "M26",
            "a cancel never reaches Rust",
            "history",
            "",
            edit(
                CORE + "Port.java",
                "if (!slots.sendCancel(slot)) {",
                "if (!slots.sendCancel(slot) || slot >= 0) {")),
        bug(
            "M27",
            "results that are ready together are published in reverse",
            "history",
            "",
            edit(
                PROTOCOL + "completion.rs",
                "for (index, record) in (claimed..).zip(records) {",
                "for (index, record) in (claimed..).zip(records.iter().rev()) {")),
        bug(
            "M28",
            "a turn's calls are announced before they are published",
            "storm",
            "",
            edit(
                CORE + "SubmissionRing.java",
                """
                    publish();
                    return (RecordLayout""",
                """
                    try {
                      return isParked();
                    } finally {
                      publish();
                    }
                  }

                  private boolean isParked() {
                    return (RecordLayout""")));
  }

  private static SeededBug bug(
      String id, String about, String suite, String scene, SeededBug.Edit... edits) {
    return new SeededBug(id, about, suite, scene, BUDGET, List.of(edits));
  }

  private static SeededBug.Edit edit(String file, String found, String put) {
    return new SeededBug.Edit(file, found, put);
  }
}
