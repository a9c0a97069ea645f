package dev.loopbridge.races;

import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.util.List;
import org.openjdk.jcstress.Options;
import org.openjdk.jcstress.infra.TestInfo;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.grading.GradingResult;
import org.openjdk.jcstress.infra.grading.TestGrading;
import org.openjdk.jcstress.infra.runners.ForkedTestConfig;
import org.openjdk.jcstress.infra.runners.ResourceEstimator;
import org.openjdk.jcstress.infra.runners.Runner;
import org.openjdk.jcstress.infra.runners.TestConfig;
import org.openjdk.jcstress.infra.runners.TestList;
import org.openjdk.jcstress.os.AffinityMode;
import org.openjdk.jcstress.os.NodeType;
import org.openjdk.jcstress.os.SchedulingClass;
import org.openjdk.jcstress.vm.CompileMode;

/**
 * The main class of a race's JVM: runs one jcstress test by the runner that jcstress generated for
 * it, and prints the outcomes. The command line of jcstress first asks the JVM for its modes and
 * tries each; that takes longer than a test is given here.
 */
final class RaceMain {

  /** The lines of the answer begin with this mark. */
  static final String MARK = "@race ";

  private RaceMain() {}

  /** Takes the test's name, the milliseconds of an iteration, and the number of iterations. */
  public static void main(String... arguments) throws Exception {
    PrintStream out = System.out;
    TestInfo test = TestList.getInfo(arguments[0]);
    // Few samples at a time: calls in flight are limited, and the actors drift apart in a stride.
    String[] options = {
      "-time",
      arguments[1],
      "-iters",
      arguments[2],
      "-strideSize",
      "16",
      "-strideCount",
      "16",
      "-spinStyle",
      "THREAD_YIELD",
      "-c",
      String.valueOf(test.threads())
    };
    Options parsed = new Options(options);
    parsed.parse();
    TestConfig config =
        new TestConfig(
            parsed,
            test,
            1,
            List.of(),
            CompileMode.UNIFIED,
            new SchedulingClass(AffinityMode.NONE, test.threads(), NodeType.PACKAGE));
    Runner<?> runner =
        (Runner<?>)
            Class.forName(test.generatedRunner())
                .getConstructor(ForkedTestConfig.class)
                .newInstance(new FixedStrides(config));
    TestResult result = runner.run();
    result.setConfig(config);
    result.getMessages().forEach(message -> report(out, "message", message, 0, ""));
    for (GradingResult outcome : TestGrading.grade(result).gradingResults.values()) {
      report(out, outcome.expect.name(), outcome.id, outcome.count, outcome.description);
    }
    report(out, "status", result.status().name(), 0, "");
    out.flush();
    Runtime.getRuntime().halt(0);
  }

  /** Keeps the strides as given: measuring how many samples fit the heap takes seconds. */
  private static final class FixedStrides extends ForkedTestConfig {

    FixedStrides(TestConfig config) {
      super(config);
    }

    @Override
    public void adjustStrideCount(ResourceEstimator estimator) {}
  }

  private static void report(
      PrintStream out, String kind, String text, long count, String description) {
    JsonObject line =
        new JsonObject()
            .put("kind", kind)
            .put("text", text)
            .put("count", count)
            .put("description", description);
    out.print(MARK + line.encode() + "\n");
  }
}
