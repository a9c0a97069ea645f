package dev.loopbridge.examples;

/** Writes Prometheus' text format, version 0.0.4. */
final class PrometheusText {

  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final StringBuilder text = new StringBuilder();

  /** Begins a metric, to which the samples that follow belong. */
  void describe(String name, String type, String help) {
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  void sample(String name, String labels, long value) {
    begin(name, labels).append(value).append('\n');
  }

  void sample(String name, String labels, double value) {
    begin(name, labels).append(value).append('\n');
  }

  private StringBuilder begin(String name, String labels) {
    text.append(name);
    if (!labels.isEmpty()) {
      text.append('{').append(labels).append('}');
    }
    return text.append(' ');
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
