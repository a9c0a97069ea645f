package dev.loopbridge.stress.process;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Loads the bridge in one class loader after the other, and checks that each is collected. This
 * class is alone on its JVM's class path, so no class of the bridge is found there.
 */
public final class ReloadMain {

  static final String CYCLES = "cycles";
  static final String PLANT = "plant";
  static final String WRONG = "wrong";
  static final String GONE = "gone";
  static final String BESIDE = "beside";

  private static final String WORK = "dev.loopbridge.stress.process.ReloadWork";
  private static final String LIBRARY = "loopbridge_builtin";
  private static final int OUTLIVED_EACH = 7;

  /** Keeps class loaders from the garbage collector. */
  private static final List<Object> KEPT = new ArrayList<>();

  private ReloadMain() {}

  /** Takes {@link #CYCLES} or {@link #PLANT}, how many, patience in seconds and the class path. */
  public static void main(String... arguments) throws Exception {
    int cycles = Integer.parseInt(arguments[1]);
    long patience = TimeUnit.SECONDS.toNanos(Long.parseLong(arguments[2]));
    String[] path = arguments[3].split(System.getProperty("path.separator"));
    List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
    for (int i = 0; i < cycles; i++) {
      loaders.add(cycle(path, i));
    }
    if (arguments[0].equals(PLANT)) {
      KEPT.add(loaders.get(0).get());
      if (KEPT.get(0) == null) {
        KEPT.set(0, fresh(path, 0).loadClass(WORK));
        loaders.set(0, new WeakReference<>(((Class<?>) KEPT.get(0)).getClassLoader()));
      }
    }
    int gone = gone(loaders, patience);
    System.out.println(GONE + " " + gone + " " + mapped());
    if (arguments[0].equals(CYCLES)) {
      System.out.println(BESIDE + " " + beside(path));
    }
    System.out.flush();
    // Open runtimes must not keep this JVM.
  }

  private static ClassLoader fresh(String[] path, int number) throws IOException {
    URL[] urls = new URL[path.length];
    for (int i = 0; i < path.length; i++) {
      urls[i] = Path.of(path[i]).toUri().toURL();
    }
    ClassLoader files = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
    return number % 2 == 0 ? files : new Nested(files);
  }

  /** Runs one cycle in a class loader of its own, on a thread of its own. */
  private static WeakReference<ClassLoader> cycle(String[] path, int number) throws Exception {
    ClassLoader loader = fresh(path, number);
    String wrong = work(loader, number % OUTLIVED_EACH == OUTLIVED_EACH - 1);
    if (!wrong.isEmpty()) {
      System.out.println(WRONG + " in cycle " + number + ": " + wrong);
      System.out.flush();
      // a call that does not settle here would keep the next ones waiting
      Runtime.getRuntime().halt(1);
    }
    return new WeakReference<>(loader);
  }

  private static String work(ClassLoader loader, boolean outlived) throws Exception {
    String[] wrong = {"it did not end"};
    Thread thread =
        new Thread(
            () -> {
              try {
                Class<?> work = loader.loadClass(WORK);
                wrong[0] = (String) work.getMethod("work", boolean.class).invoke(null, outlived);
              } catch (ReflectiveOperationException | LinkageError e) {
                wrong[0] = String.valueOf(e.getCause() == null ? e : e.getCause());
              }
            },
            "cycle");
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    thread.start();
    thread.join(TimeUnit.SECONDS.toMillis(20));
    return wrong[0];
  }

  private static int gone(List<WeakReference<ClassLoader>> loaders, long patienceNanos)
      throws InterruptedException {
    long start = System.nanoTime();
    while (true) {
      System.gc();
      int gone = (int) loaders.stream().filter(loader -> loader.get() == null).count();
      if (gone == loaders.size() || System.nanoTime() - start > patienceNanos) {
        return gone;
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  /** Returns how many copies of the library have code in this process. */
  private static long mapped() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/maps")).stream()
        .filter(line -> line.contains(" r-xp ") && line.contains("lib" + LIBRARY))
        .count();
  }

  /** Works in two class loaders that live at once; returns what went wrong. */
  private static String beside(String[] path) throws Exception {
    ClassLoader first = fresh(path, 0);
    String wrong = work(first, false);
    String second = work(fresh(path, 1), false);
    KEPT.add(first);
    return wrong + second;
  }

  /** A class loader whose classes and library are in no file, as in the loaders of nested jars. */
  private static final class Nested extends ClassLoader {

    private final ClassLoader files;

    Nested(ClassLoader files) {
      super("nested", ClassLoader.getPlatformClassLoader());
      this.files = files;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      byte[] bytes = bytes(name.replace('.', '/') + ".class");
      if (bytes == null) {
        throw new ClassNotFoundException(name);
      }
      return defineClass(name, bytes, 0, bytes.length);
    }

    @Override
    protected URL findResource(String name) {
      byte[] bytes = bytes(name);
      if (bytes == null) {
        return null;
      }
      try {
        return new URL(
            null, "nested:" + System.identityHashCode(this) + "!/" + name, new InMemory(bytes));
      } catch (MalformedURLException e) {
        throw new IllegalStateException(e);
      }
    }

    private byte[] bytes(String name) {
      try (InputStream in = files.getResourceAsStream(name)) {
        return in == null ? null : in.readAllBytes();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** A resource that is in no file. */
  private static final class InMemory extends URLStreamHandler {

    private final byte[] bytes;

    InMemory(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    protected URLConnection openConnection(URL url) {
      return new Opened(url, bytes);
    }
  }

  private static final class Opened extends URLConnection {

    private final byte[] bytes;

    Opened(URL url, byte[] bytes) {
      super(url);
      this.bytes = bytes;
    }

    @Override
    public void connect() {}

    @Override
    public InputStream getInputStream() {
      return new ByteArrayInputStream(bytes);
    }
  }
}
