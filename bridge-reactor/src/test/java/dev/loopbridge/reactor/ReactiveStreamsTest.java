package dev.loopbridge.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs the TCK and counts its tests, since a suite that runs nothing passes as well. */
class ReactiveStreamsTest {

  /** Most rules need several elements; this number applies to a publisher of one. */
  private static final long RULES_OF_ONE_ELEMENT = 12;

  private static final long RULES_OF_SEVERAL = 26;

  @Test
  void theMonoPassesTheTck() {
    runs(MonoVerification.class, RULES_OF_ONE_ELEMENT);
  }

  @Test
  void subscriptionsInARowPassTheTck() {
    runs(RepeatedMonoVerification.class, RULES_OF_SEVERAL);
  }

  private static void runs(Class<?> suite, long leastExecuted) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request().selectors(selectClass(suite)).build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, listener);
    TestExecutionSummary summary = listener.getSummary();
    StringWriter failures = new StringWriter();
    summary.printFailuresTo(new PrintWriter(failures));
    assertThat(summary.getTotalFailureCount()).as(failures.toString()).isZero();
    assertThat(summary.getTestsSucceededCount()).isGreaterThanOrEqualTo(leastExecuted);
  }
}
