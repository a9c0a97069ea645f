package dev.loopbridge.stress.lincheck;

import java.util.concurrent.atomic.AtomicLong;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionResult;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.verifier.LinearizabilityVerifier;
import org.jetbrains.lincheck.datastructures.verifier.Verifier;

/** Lincheck's own verifier, and how often it was asked: Lincheck stops when it has seen all. */
public final class CountingVerifier implements Verifier {

  private static final AtomicLong ASKED = new AtomicLong();

  private final Verifier verifier;

  /** Made by Lincheck. */
  public CountingVerifier(Class<?> sequentialSpecification) {
    verifier = new LinearizabilityVerifier(sequentialSpecification);
  }

  /** Executions since the last call of this. */
  static long taken() {
    return ASKED.getAndSet(0);
  }

  @Override
  public boolean verifyResults(ExecutionScenario scenario, ExecutionResult results) {
    ASKED.incrementAndGet();
    return verifier.verifyResults(scenario, results);
  }
}
