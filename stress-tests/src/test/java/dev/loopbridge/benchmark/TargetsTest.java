package dev.loopbridge.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loopbridge.benchmark.Verdict.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests which figures reach a target and which fall behind. */
class TargetsTest {

  private static final String RAW_AGAINST_JAVA = "4 096 in flight, CPU: raw against Java";

  private static Table.Row row(String arm, String metric, double... rounds) {
    return new Table.Row(arm, Map.of(metric, rounds));
  }

  private static Table table(String id, String metric, boolean lessIsBetter, Table.Row... rows) {
    return new Table(id, id, metric, lessIsBetter, rows[0].arm(), List.of(rows));
  }

  private static Verdict judge(String name, Table... tables) {
    Results results = new Results(Effort.TRIAL);
    Stream.of(tables).forEach(results::add);
    return Targets.judge(results).stream()
        .filter(verdict -> verdict.target().name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Verdict rawAgainstJava(double... rawNanos) {
    double[] javaNanos = new double[rawNanos.length];
    Arrays.fill(javaNanos, 1200);
    return judge(
        RAW_AGAINST_JAVA,
        table(
            "trip-4096",
            "cpuNs",
            true,
            row(RoundTrips.FUTURE, "cpuNs", javaNanos),
            row(RoundTrips.RAW, "cpuNs", rawNanos)));
  }

  private static Verdict verdict(Target target, double... rounds) {
    return new Target(
            target.name(),
            target.kind(),
            target.target(),
            target.stretch(),
            target.expected(),
            target.allowance(),
            target.unit(),
            results -> Optional.of(rounds))
        .judge(new Results(Effort.TRIAL));
  }

  private static Target atLeast(double target, double stretch) {
    return Target.atLeast("ratio", target, stretch, results -> Optional.empty());
  }

  private static Target atMost(double target, double stretch) {
    return Target.atMost("value", target, stretch, results -> Optional.empty());
  }

  @Test
  void theMedianOfTheRatiosOfTheRoundsIsTheMeasure() {
    Verdict verdict = rawAgainstJava(400, 300, 800);
    assertThat(verdict.measured()).isEqualTo(3);
    assertThat(verdict.low()).isEqualTo(1.5);
    assertThat(verdict.high()).isEqualTo(4);
    assertThat(verdict.outcome()).isEqualTo(Outcome.MET);
  }

  @Test
  void lowerBoundIsMissedBelowIt() {
    assertThat(rawAgainstJava(401).outcome()).isEqualTo(Outcome.MISSED);
    assertThat(rawAgainstJava(241).outcome()).isEqualTo(Outcome.MET);
    assertThat(rawAgainstJava(240).outcome()).isEqualTo(Outcome.STRETCH);
  }

  @Test
  void upperBoundIsMissedAboveIt() {
    assertThat(verdict(atMost(400, 200), 401).outcome()).isEqualTo(Outcome.MISSED);
    assertThat(verdict(atMost(400, 200), 400).outcome()).isEqualTo(Outcome.MET);
    assertThat(verdict(atMost(400, 200), 200).outcome()).isEqualTo(Outcome.STRETCH);
  }

  @Test
  void upperBoundMayAllowForRounding() {
    Target none = atMost(0, Target.NONE).allowing(1);
    assertThat(verdict(none, 0.9).outcome()).isEqualTo(Outcome.MET);
    assertThat(verdict(none, 1.1).outcome()).isEqualTo(Outcome.MISSED);
    assertThat(Targets.holds(verdict(none, 0.9), Targets.TOLERANCE)).isTrue();
    assertThat(Targets.holds(verdict(none, 1.1), Targets.TOLERANCE)).isFalse();
  }

  @Test
  void ratioOfCostsIsTakenFromTheMetricOfTheTarget() {
    Table latency =
        table(
            "idle",
            "p50Ns",
            true,
            new Table.Row(
                RoundTrips.RAW, Map.of("p50Ns", new double[] {950}, "p99Ns", new double[] {4000})),
            new Table.Row(
                RoundTrips.FUTURE,
                Map.of("p50Ns", new double[] {1000}, "p99Ns", new double[] {2000})));
    Verdict p50 = judge("1 in flight, not lingering, p50: raw against Java", latency);
    assertThat(p50.measured()).isEqualTo(0.95);
    assertThat(p50.outcome()).isEqualTo(Outcome.MET);
    Verdict p99 = judge("1 in flight, not lingering, p99: raw against Java", latency);
    assertThat(p99.measured()).isEqualTo(2);
    assertThat(p99.outcome()).isEqualTo(Outcome.MISSED);
  }

  @Test
  void moreIsBetterForRequests() {
    Verdict verdict =
        judge(
            "trivial route, requests: loop-driven against the Java route",
            table(
                "web-trivial",
                "requestsPerSecond",
                false,
                row(Targets.JAVA_ROUTE, "requestsPerSecond", 1000),
                row(Targets.LOCAL_ROUTE, "requestsPerSecond", 960)));
    assertThat(verdict.measured()).isEqualTo(0.96);
    assertThat(verdict.outcome()).isEqualTo(Outcome.MET);
  }

  @Test
  void whatDidNotRunIsNotMeasuredAndHolds() {
    Verdict noTable = judge(RAW_AGAINST_JAVA);
    Verdict noArm =
        judge(RAW_AGAINST_JAVA, table("trip-4096", "ns", true, row(RoundTrips.FUTURE, "ns", 1)));
    Verdict noMetric =
        judge(
            "allocation per call: raw",
            table("trip-256", "ns", true, row(RoundTrips.RAW, "ns", 1)));
    for (Verdict verdict : List.of(noTable, noArm, noMetric)) {
      assertThat(verdict.outcome()).isEqualTo(Outcome.NOT_MEASURED);
      assertThat(verdict.met()).isFalse();
      assertThat(Targets.holds(verdict, Targets.TOLERANCE)).isTrue();
    }
  }

  @Test
  void checkAsksForAShareOfALowerBound() {
    assertThat(Targets.holds(verdict(atLeast(10, 20), 8), 0.8)).isTrue();
    assertThat(Targets.holds(verdict(atLeast(10, 20), 7.9), 0.8)).isFalse();
  }

  @Test
  void checkLeavesRoomOverAnUpperBound() {
    assertThat(Targets.holds(verdict(atMost(400, 200), 500), 0.8)).isTrue();
    assertThat(Targets.holds(verdict(atMost(400, 200), 501), 0.8)).isFalse();
  }

  @Test
  void checkGuardsWhatIsExpectedRatherThanTheTarget() {
    Target missed = atLeast(10, 20).expecting(5);
    assertThat(verdict(missed, 4).outcome()).isEqualTo(Outcome.MISSED);
    assertThat(Targets.holds(verdict(missed, 4), 0.8)).isTrue();
    assertThat(Targets.holds(verdict(missed, 3.9), 0.8)).isFalse();
  }

  @Test
  void everyTargetHasANameOfItsOwnAndAStretchBeyondIt() {
    List<String> names = new ArrayList<>();
    for (Target target : Targets.ALL) {
      names.add(target.name());
      if (!Double.isNaN(target.stretch())) {
        assertThat(target.reaches(target.stretch(), target.target())).as(target.name()).isTrue();
      }
    }
    assertThat(names).doesNotHaveDuplicates();
  }
}
