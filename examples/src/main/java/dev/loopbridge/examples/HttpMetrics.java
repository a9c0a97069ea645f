package dev.loopbridge.examples;

import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts requests and the time they took, by route and status. Any thread. */
final class HttpMetrics {

  /**
   * The status that counts a request whose connection ended before the answer: the client left, or
   * was too slow.
   */
  static final int CLIENT_GONE = 499;

  private final Map<Series, Totals> totals =
      new ConcurrentSkipListMap<>(
          Comparator.comparing(Series::route).thenComparingInt(Series::status));
  private final LongAdder begun = new LongAdder();
  private final LongAdder finished = new LongAdder();

  private record Series(String route, int status) {}

  private record Totals(LongAdder requests, LongAdder nanos) {}

  void begin() {
    begun.increment();
  }

  void finish(String route, int status, long nanos) {
    Totals series =
        totals.computeIfAbsent(
            new Series(route, status), key -> new Totals(new LongAdder(), new LongAdder()));
    series.requests.increment();
    series.nanos.add(nanos);
    finished.increment();
  }

  void writeTo(PrometheusText text) {
    text.describe(
        "http_requests_in_progress", "gauge", "Requests that are not answered yet, this one too.");
    // In this order a request that ends in between does not make the number negative.
    long finishedSoFar = finished.sum();
    text.sample("http_requests_in_progress", "", begun.sum() - finishedSoFar);
    String name = "http_request_duration_seconds";
    text.describe(
        name,
        "summary",
        "Requests and the time to their answer; status 499: the connection ended before it.");
    totals.forEach(
        (series, sums) -> {
          String labels = "route=\"%s\",status=\"%d\"".formatted(series.route, series.status);
          text.sample(name + "_count", labels, sums.requests.sum());
          text.sample(name + "_sum", labels, sums.nanos.sum() / 1e9);
        });
  }
}
