package dev.loopbridge.stress.history;

import dev.loopbridge.stress.history.Event.What;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Records the events of the calls of one program. Any thread may use it. */
final class History {

  private final AtomicLong numbers = new AtomicLong();
  private final Queue<Event> events = new ConcurrentLinkedQueue<>();

  void add(What what, int call, Outcome outcome, long number2, boolean onOwner) {
    long thread = Thread.currentThread().getId();
    events.add(new Event(numbers.getAndIncrement(), what, call, outcome, number2, thread, onOwner));
  }

  void add(What what, int call) {
    add(what, call, null, 0, false);
  }

  /** Returns all events, in order. */
  List<Event> events() {
    List<Event> all = new ArrayList<>(events);
    all.sort(Comparator.comparingLong(Event::number));
    return all;
  }
}
