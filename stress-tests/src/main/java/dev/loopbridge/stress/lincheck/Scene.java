package dev.loopbridge.stress.lincheck;

import dev.loopbridge.stress.Invariant;
import java.util.Optional;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/**
 * One class whose operations Lincheck runs from two threads.
 *
 * @param specification what it must look like to a single thread
 */
record Scene(Class<?> type, Class<?> specification, Invariant invariant) {

  /** A scene whose own checks say what is wrong, whatever its operations return. */
  static Scene validated(Class<?> type, Invariant invariant) {
    return new Scene(type, type, invariant);
  }

  static Scene of(Class<?> type, Class<?> specification, Invariant invariant) {
    return new Scene(type, specification, invariant);
  }

  String name() {
    return type.getSimpleName();
  }

  /** Tries interleavings of so many programs, each so often; what was wrong, if anything. */
  Optional<String> explore(int programs, int interleavings) {
    ModelCheckingOptions options = new ModelCheckingOptions();
    // Lincheck does not see into direct memory. What is read and written there, is so by these.
    options.addGuarantee(
        ManagedStrategyGuaranteeKt.forClasses("dev.loopbridge.RecordLayout")
            .allMethods()
            .treatAsAtomic());
    options.invocationsPerIteration(interleavings);
    options.threads(2);
    options.actorsPerThread(3);
    // What ends once must not have ended before the threads begin.
    options.actorsBefore(0);
    options.actorsAfter(1);
    return check(options, programs);
  }

  private Optional<String> check(ModelCheckingOptions options, int programs) {
    options.iterations(programs);
    options.sequentialSpecification(specification);
    options.verifier(CountingVerifier.class);
    try {
      options.check(type);
      return Optional.empty();
    } catch (LincheckAssertionError e) {
      return Optional.of(e.getMessage());
    }
  }
}
