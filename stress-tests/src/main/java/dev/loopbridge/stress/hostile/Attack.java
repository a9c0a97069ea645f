package dev.loopbridge.stress.hostile;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The misuse of one method: for each argument the right values, the wrong values, and the
 * exceptions for these.
 */
final class Attack {

  /** One argument. */
  private static final class Place {
    private final Supplier<Object> right;
    private final Supplier<Object> wrong;
    private final Function<Object, Class<?>> refusal;
    private final boolean secret;

    /** Whether the values that are right for other methods are wrong for this one. */
    private final boolean alwaysRefused;

    Place(
        Supplier<Object> right,
        Supplier<Object> wrong,
        Function<Object, Class<?>> refusal,
        boolean secret,
        boolean alwaysRefused) {
      this.right = right;
      this.wrong = wrong;
      this.refusal = refusal;
      this.secret = secret;
      this.alwaysRefused = alwaysRefused;
    }
  }

  private static final int VALID_ONE_IN = 16;
  private static final int SECOND_WRONG_ONE_IN = 4;

  private final List<Place> places = new ArrayList<>();
  private final SplittableRandom random;
  private boolean harmless;
  private boolean refusing;

  Attack(SplittableRandom random) {
    this.random = random;
  }

  /** Adds an argument of which any value is right. */
  Attack any(Supplier<Object> value) {
    places.add(new Place(value, null, null, false, false));
    return this;
  }

  /** Adds an argument that is refused, by a null pointer exception if it is null. */
  Attack or(Supplier<Object> right, Supplier<Object> wrong, Class<?> refusal) {
    places.add(new Place(right, wrong, value -> refusalOf(value, refusal), false, false));
    return this;
  }

  /** Adds a handle, which the exception's message must not contain. */
  Attack handle(Supplier<Object> right, Supplier<Object> wrong, Class<?> refusal) {
    places.add(new Place(right, wrong, value -> refusal, true, false));
    return this;
  }

  /** Adds a handle that is wrong in each call. */
  Attack wrong(Supplier<Object> wrong, Function<Object, Class<?>> refusal) {
    places.add(new Place(wrong, null, refusal, true, true));
    refusing = true;
    return this;
  }

  /** Allows calls in which all arguments are right; such a call has to return. */
  Attack harmless() {
    harmless = true;
    return this;
  }

  private static Class<?> refusalOf(Object value, Class<?> refusal) {
    return value == null ? NullPointerException.class : refusal;
  }

  /** Calls the method once; returns the fault in its reaction, or null. */
  String run(Method method) throws IllegalAccessException {
    Object[] arguments = new Object[places.size()];
    Set<Class<?>> documented = new HashSet<>();
    int first = -1;
    if (!harmless || random.nextInt(VALID_ONE_IN) > 0) {
      first = wrongPlace();
    }
    int second = random.nextInt(SECOND_WRONG_ONE_IN) == 0 ? wrongPlace() : first;
    long[] secrets = new long[places.size()];
    for (int i = 0; i < arguments.length; i++) {
      Place place = places.get(i);
      boolean wrong = first >= 0 && (i == first || i == second) && place.wrong != null;
      arguments[i] = (wrong ? place.wrong : place.right).get();
      if (wrong || place.alwaysRefused) {
        documented.add(place.refusal.apply(arguments[i]));
      }
      if (place.secret && arguments[i] instanceof Long value) {
        secrets[i] = value;
      }
    }
    Throwable thrown = null;
    try {
      method.invoke(null, arguments);
    } catch (InvocationTargetException e) {
      thrown = e.getCause();
    }
    return Refusal.fault(thrown, documented, secrets);
  }

  /** Returns a random place that can be wrong; -1 if another place always is. */
  private int wrongPlace() {
    for (int tries = 0; tries < 64; tries++) {
      int place = random.nextInt(places.size());
      if (places.get(place).wrong != null) {
        return place;
      }
      if (refusing) {
        return -1;
      }
    }
    throw new IllegalStateException("an attack with nothing that is wrong");
  }
}
