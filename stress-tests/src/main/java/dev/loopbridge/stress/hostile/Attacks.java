package dev.loopbridge.stress.hostile;

import dev.loopbridge.InvalidHandleException;
import dev.loopbridge.NativeMethods;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/** Makes the attacks on each native method from the values that one thread has. */
final class Attacks {

  private static final Class<?> HANDLE = InvalidHandleException.class;
  private static final Class<?> ARGUMENT = IllegalArgumentException.class;
  private static final int BUFFER_BYTES = 2_048;

  /** The lowest bits of a handle are its place in a table. */
  private static final int PLACE_BITS = 12;

  private final SplittableRandom random;
  private final List<Ground> grounds;
  private final ByteBuffer right = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final ByteBuffer large = ByteBuffer.allocateDirect(BUFFER_BYTES);

  /** The ground of the present call. */
  private Ground on;

  Attacks(SplittableRandom random, List<Ground> grounds) {
    this.random = random;
    this.grounds = grounds;
    this.on = grounds.get(0);
  }

  /** Returns the attack on the method of this name. */
  Attack on(String method) {
    return switch (method) {
      case "install" -> new Attack(random).or(this::table, this::table, ARGUMENT);
      case "describe" -> library().harmless();
      case "runtimeOpen" ->
          library()
              .or(() -> 1, () -> count(1 << 10), ARGUMENT)
              .or(() -> 1, () -> count(1 << 15), ARGUMENT)
              .any(random::nextLong)
              .or(() -> "hostile", () -> null, ARGUMENT);
      case "runtimeShutdown" ->
          library()
              .wrong(
                  () -> random.nextInt(4) == 0 ? on.closedRuntime : notRuntime(), value -> HANDLE)
              .any(() -> (long) random.nextInt(4) - 2);
      case "runtimeCounters" ->
          library()
              .handle(
                  () -> random.nextBoolean() ? on.runtime : on.closedRuntime,
                  this::notRuntime,
                  HANDLE)
              .or(
                  () -> new long[NativeMethods.COUNTERS],
                  () ->
                      random.nextBoolean()
                          ? null
                          : new long[random.nextInt(NativeMethods.COUNTERS)],
                  ARGUMENT)
              .harmless();
      case "memoryMap" ->
          library()
              .or(() -> (long) random.nextInt(1, 1 << 20), this::notBytes, ARGUMENT)
              .or(() -> new long[1], () -> random.nextBoolean() ? null : new long[0], ARGUMENT);
      case "memoryUnmap" -> library().wrong(() -> on.notMemory(random), value -> HANDLE);
      case "portOpen" ->
          library()
              .handle(
                  () -> on.runtime,
                  () -> random.nextInt(4) == 0 ? on.closedRuntime : notRuntime(),
                  HANDLE)
              .or(() -> NativeMethods.argument(on.host), () -> null, ARGUMENT)
              .handle(() -> on.memory, () -> on.notMemory(random), HANDLE)
              .or(() -> Ground.CAPACITY, this::notCapacity, ARGUMENT)
              .or(() -> Ground.CAPACITY, this::notCapacity, ARGUMENT)
              .or(() -> Ground.CAPACITY / 2, this::notSlots, ARGUMENT)
              .or(() -> 1_000L, () -> random.nextLong() | Long.MIN_VALUE, ARGUMENT);
      case "portWake", "portRequestWake" ->
          library().handle(this::port, this::notPort, HANDLE).harmless();
      case "portClose" -> library().wrong(this::notPort, value -> HANDLE);
      case "payloadView", "payloadTake", "payloadRelease" ->
          library()
              .handle(this::port, this::notPort, HANDLE)
              .wrong(this::notTicket, value -> HANDLE);
      case "payloadGive" ->
          library()
              .handle(this::port, this::notPort, HANDLE)
              .or(() -> new byte[random.nextInt(100)], () -> null, ARGUMENT);
      case "objectClose" ->
          library()
              .handle(() -> on.runtime, this::notRuntime, HANDLE)
              .wrong(this::notTicket, value -> HANDLE);
      case "objectGive", "objectTakeBack" ->
          library()
              .handle(this::port, this::notPort, HANDLE)
              .wrong(this::notTicket, value -> HANDLE);
      case "localStart" -> library().wrong(this::notMine, foreign()).any(random::nextBoolean);
      case "localCall" ->
          library()
              .wrong(this::notMine, foreign())
              .any(random::nextLong)
              .any(random::nextLong)
              .any(random::nextLong)
              .any(random::nextLong);
      case "localPoll", "localCancel" ->
          random.nextBoolean()
              ? library().wrong(this::notMine, foreign()).any(this::number).any(this::number)
              : library()
                  .handle(() -> on.port, this::notPort, HANDLE)
                  .any(this::number)
                  .any(this::number)
                  .harmless();
      case "localRelease" ->
          random.nextBoolean()
              ? library().wrong(this::notMine, foreign()).any(this::number).any(this::number)
              : library().wrong(() -> on.port, value -> HANDLE).any(this::number).any(this::number);
      case "localEnd" -> library().handle(this::neighbour, this::notPort, HANDLE).harmless();
      case "yieldCore" -> library().harmless();
      case "address" ->
          library()
              .or(() -> right, () -> random.nextBoolean() ? null : ByteBuffer.allocate(8), ARGUMENT)
              .harmless();
      // With a right runtime it would end all upcalls of that runtime.
      case "gateClose" -> library().wrong(this::notRuntime, value -> HANDLE);
      default -> throw new IllegalStateException("no attack on native method " + method);
    };
  }

  /** Returns an attack whose first argument is a library. */
  private Attack library() {
    return new Attack(random)
        .or(
            () -> {
              on = grounds.get(random.nextInt(grounds.size()));
              return on.library;
            },
            this::notLibrary,
            HANDLE);
  }

  private Object notLibrary() {
    on = grounds.get(random.nextInt(grounds.size()));
    int number;
    do {
      number =
          switch (random.nextInt(5)) {
            case 0 -> random.nextInt();
            case 1 -> random.nextInt(512);
            case 2 -> -1 - random.nextInt(4);
            case 3 -> Integer.MAX_VALUE - random.nextInt(4);
            default -> Integer.MIN_VALUE + random.nextInt(4);
          };
    } while (isLibrary(number));
    return number;
  }

  private boolean isLibrary(int number) {
    return grounds.stream().anyMatch(ground -> ground.library == number);
  }

  private Object port() {
    return random.nextBoolean() ? on.port : (Object) neighbour();
  }

  private long neighbour() {
    return on.neighbours[random.nextInt(on.neighbours.length)];
  }

  /**
   * Returns a wrong handle: a random number, a handle of another kind, library or time, or one with
   * flipped bits.
   */
  private long forged() {
    return switch (random.nextInt(8)) {
      case 0 -> random.nextLong();
      case 1 -> random.nextInt(5) - 2;
      case 2 -> 1L << random.nextInt(64);
      case 3 -> random.nextBoolean() ? Long.MAX_VALUE : Long.MIN_VALUE;
      case 4 -> any().lasting(random);
      case 5 -> any().gone(random);
      case 6 -> flipped(any().lasting(random), 1);
      default -> flipped(any().lasting(random), 1 + random.nextInt(8));
    };
  }

  private Ground any() {
    return grounds.get(random.nextInt(grounds.size()));
  }

  private long flipped(long value, int bits) {
    long flipped = value;
    while (flipped == value) {
      for (int i = 0; i < bits; i++) {
        // Mostly in the upper half, which has the generation.
        int from = random.nextInt(3) > 0 ? Integer.SIZE : PLACE_BITS;
        flipped ^= 1L << from + random.nextInt(Long.SIZE - from);
      }
    }
    return flipped;
  }

  private long notRuntime() {
    long value;
    do {
      value = forged();
    } while (on.isRuntime(value));
    return value;
  }

  private Object notPort() {
    long value;
    do {
      value = forged();
    } while (on.isPort(value));
    return value;
  }

  private Object notTicket() {
    return random.nextInt(4) == 0 ? on.goneTicket(random) : forged();
  }

  /** Returns a handle of no port, or of a port whose futures live on another thread. */
  private Object notMine() {
    return on.bound.length > 0 && random.nextBoolean()
        ? on.bound[random.nextInt(on.bound.length)]
        : notPort();
  }

  private Function<Object, Class<?>> foreign() {
    return value -> on.isPort((Long) value) ? IllegalStateException.class : HANDLE;
  }

  private Object number() {
    return random.nextInt(3) == 0 ? random.nextInt() : (Object) (random.nextInt(6) - 1);
  }

  private Object count(int most) {
    return random.nextBoolean() ? -random.nextInt(1 << 30) : most + 1 + random.nextInt(1 << 30);
  }

  private Object notCapacity() {
    return switch (random.nextInt(4)) {
      case 0 -> Ground.CAPACITY + 1 + random.nextInt(Ground.CAPACITY - 1);
      case 1 -> random.nextInt(Ground.CAPACITY);
      case 2 -> -1 - random.nextInt(1 << 30);
      default -> 1 << 4 + random.nextInt(27); // right, but for the size of the memory
    };
  }

  private Object notSlots() {
    return switch (random.nextInt(4)) {
      case 0 -> Ground.CAPACITY / 2 + 1 + random.nextInt(100);
      case 1 -> 0;
      case 2 -> -1 - random.nextInt(1 << 30);
      default -> (1 << 28) + random.nextInt(1 << 20);
    };
  }

  private Object notBytes() {
    return switch (random.nextInt(3)) {
      case 0 -> 0L;
      case 1 -> random.nextLong() | Long.MIN_VALUE;
      default -> (1L << 31) + (random.nextLong() >>> 2);
    };
  }

  private Object table() {
    return switch (random.nextInt(5)) {
      case 0 -> null;
      case 1 -> ByteBuffer.allocate(256);
      case 2 -> large.slice(0, random.nextInt(64));
      case 3 -> NativeMethods.almostATable(random.nextInt());
      default -> NativeMethods.almostATable(random.nextInt()).slice(1, 512);
    };
  }
}
