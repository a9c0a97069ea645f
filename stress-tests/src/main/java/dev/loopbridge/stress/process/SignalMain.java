package dev.loopbridge.stress.process;

import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.kit.Fn;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Compares the JVM's signal handling before the library is loaded, at each stage, and after. */
final class SignalMain {

  static final String STAGE = "stage";
  static final String THROUGH = "through";
  static final String PLANT = "plant";

  private SignalMain() {}

  /** Prints for each stage what changed; with {@link #PLANT} a handler is changed on purpose. */
  public static void main(String... arguments) throws Exception {
    provokeJvmSignals();
    Signals before = Signals.ofJvm();
    if (arguments.length > 0 && arguments[0].equals(PLANT)) {
      catchSignal("USR2");
      report("a handler of another's", before);
    }
    NativeLibrary library = NativeLibrary.load("loopbridge_builtin");
    report("loaded", before);
    try (NativeRuntime runtime = NativeRuntime.builder(library).workerThreads(2).build()) {
      for (int i = 0; i < 100; i++) {
        Fn.YIELD_TIMES.call(runtime, 3L).await();
        Fn.BURN_BLOCKING.call(runtime, 1L).await();
      }
      report("at work", before);
      provokeJvmSignals();
    }
    report("closed", before);
    provokeJvmSignals();
    System.out.println(THROUGH);
  }

  private static void report(String stage, Signals before) throws Exception {
    System.out.println(STAGE + " " + stage + ": " + before.change(Signals.ofJvm()).orElse(""));
  }

  /** Provokes the signals that the JVM turns into exceptions: SIGSEGV and SIGPIPE. */
  private static void provokeJvmSignals() throws IOException {
    int thrown = 0;
    int lengths = 0;
    for (int i = 0; i < 200_000; i++) {
      try {
        lengths += length(i % 1_000 == 0 ? null : "x");
      } catch (NullPointerException e) {
        thrown++;
      }
    }
    if (thrown != 200 || lengths != 200_000 - thrown) {
      throw new IllegalStateException(thrown + " were thrown, " + lengths + " were not");
    }
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket socket = new Socket(server.getInetAddress(), server.getLocalPort())) {
      server.accept().close();
      OutputStream to = socket.getOutputStream();
      for (int i = 0; i < 1_000; i++) {
        to.write(new byte[1 << 16]);
      }
      throw new IllegalStateException("one can write to a closed socket");
    } catch (IOException e) {
      // As expected; the default action of SIGPIPE would have ended this JVM.
    }
  }

  private static int length(String text) {
    return text.length();
  }

  /** Installs a handler by reflection, since the class belongs to no supported module. */
  private static void catchSignal(String name) throws ReflectiveOperationException {
    Class<?> signal = Class.forName("sun.misc.Signal");
    Class<?> handler = Class.forName("sun.misc.SignalHandler");
    Object nothing =
        Proxy.newProxyInstance(
            handler.getClassLoader(), new Class<?>[] {handler}, (proxy, method, given) -> null);
    signal
        .getMethod("handle", signal, handler)
        .invoke(null, signal.getConstructor(String.class).newInstance(name), nothing);
  }
}
