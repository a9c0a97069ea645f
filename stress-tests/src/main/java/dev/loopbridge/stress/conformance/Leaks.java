package dev.loopbridge.stress.conformance;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Collects the reports of Netty's leak detector. */
final class Leaks {

  private static final Queue<String> REPORTS = new ConcurrentLinkedQueue<>();

  private Leaks() {}

  /** Makes the detector watch each buffer; to be called before any buffer is made. */
  static void watch() {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(
        new ResourceLeakDetectorFactory() {
          @Override
          @SuppressWarnings("deprecation") // abstract all the same
          public <T> ResourceLeakDetector<T> newResourceLeakDetector(
              Class<T> resource, int samplingInterval, long maxActive) {
            return new Detector<>(resource, samplingInterval);
          }
        });
  }

  /** Returns the number of reports so far, and forgets the reports. */
  static int taken() {
    int count = REPORTS.size();
    REPORTS.clear();
    return count;
  }

  /** Returns the first report; empty if there is none. */
  static String first() {
    String first = REPORTS.peek();
    return first == null ? "" : first;
  }

  private static final class Detector<T> extends ResourceLeakDetector<T> {

    Detector(Class<T> resource, int samplingInterval) {
      super(resource, samplingInterval);
    }

    @Override
    protected boolean needReport() {
      return true;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
      REPORTS.add(resourceType + records);
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
      REPORTS.add(resourceType);
    }
  }
}
