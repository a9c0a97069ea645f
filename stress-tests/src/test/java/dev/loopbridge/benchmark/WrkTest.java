package dev.loopbridge.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WrkTest {

  private static final String SAMPLE =
      """
      Running 3s test @ http://127.0.0.1:8080/java/add
        1 threads and 32 connections
        Thread Stats   Avg      Stdev     Max   +/- Stdev
          Latency   635.91us    0.89ms  12.92ms   93.69%
          Req/Sec    56.20k     8.07k   62.00k    86.54%
        Latency Distribution
           50%  250.00us
           75%  491.00us
           90%  700.00us
           99%    5.80ms
        167891 requests in 3.00s, 7.04MB read
      Requests/sec:  55963.67
      Transfer/sec:      2.35MB
      """;

  @Test
  void readsWhatWrkPrints() {
    assertThat(Wrk.Report.parse(SAMPLE)).isEqualTo(new Wrk.Report(167_891, 55_963.67, 5.8e6));
  }

  @ParameterizedTest
  @CsvSource({"0.91us, 910", "250.00us, 250e3", "12.92ms, 12.92e6", "1.50s, 1.5e9", "2.00m, 120e9"})
  void readsEveryUnit(String printed, double nanos) {
    Wrk.Report report = Wrk.Report.parse(SAMPLE.replace("5.80ms", printed));
    assertThat(report.p99Nanos()).isCloseTo(nanos, within(1e-3));
  }

  @Test
  void refusesAnswersThatAreErrors() {
    assertThatThrownBy(
            () ->
                Wrk.Report.parse(
                    SAMPLE.replace(
                        "Requests/sec", "  Non-2xx or 3xx responses: 167891\nRequests/sec")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("wrk saw errors: Non-2xx or 3xx responses: 167891");
  }

  @Test
  void refusesSocketErrors() {
    assertThatThrownBy(
            () ->
                Wrk.Report.parse(
                    SAMPLE.replace(
                        "Requests/sec",
                        "  Socket errors: connect 0, read 2, write 0, timeout 1\nRequests/sec")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("read 2, write 0, timeout 1");
  }

  @Test
  void refusesSilence() {
    assertThatThrownBy(
            () ->
                Wrk.Report.parse(
                    SAMPLE.replace("167891 requests", "0 requests").replace("55963.67", "0.00")))
        .hasMessageStartingWith("wrk got no answer");
  }

  @Test
  void refusesAnythingElse() {
    assertThatThrownBy(() -> Wrk.Report.parse("unable to connect"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("unable to connect");
  }
}
