package dev.loopbridge;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * An event loop of a Netty that is not the bridge's own: one that a library keeps under another
 * package, as grpc-netty-shaded does, or of another class loader. It is found by the class of its
 * threads, which are those that Netty's own thread factory makes, and used by Netty's public
 * methods.
 */
final class ForeignNettyLoop implements OwnerLoop {

  private static final String PACKAGE = "io.netty.util.concurrent.";
  private static final String THREAD = PACKAGE + "FastThreadLocalThread";
  private static final String EXECUTORS = "io.netty.util.internal.ThreadExecutorMap";
  private static final String ONE_THREAD = PACKAGE + "SingleThreadEventExecutor";
  private static final String GROUP = PACKAGE + "EventExecutorGroup";

  /**
   * For each class of threads, a handle that returns the executor of the current thread; or null.
   */
  private static final ClassValue<@Nullable MethodHandle> CURRENT_EXECUTOR =
      new ClassValue<>() {
        @Override
        protected @Nullable MethodHandle computeValue(Class<?> type) {
          return currentExecutorOf(type);
        }
      };

  /** For each class of executors, whether each executor has one thread. */
  private static final ClassValue<Boolean> HAS_ONE_THREAD =
      new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
          return superclass(type, ONE_THREAD) != null;
        }
      };

  private final ExecutorService executor;

  private ForeignNettyLoop(ExecutorService executor) {
    this.executor = executor;
  }

  /** The loop whose task the caller is, or null. */
  static @Nullable ForeignNettyLoop current() {
    return currentExecutor() instanceof ExecutorService executor
        ? new ForeignNettyLoop(executor)
        : null;
  }

  private static @Nullable Object currentExecutor() {
    Class<?> type = Thread.currentThread().getClass();
    MethodHandle current = type == Thread.class ? null : CURRENT_EXECUTOR.get(type);
    if (current == null) {
      return null;
    }
    try {
      return (Object) current.invokeExact();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e); // it declares none
    }
  }

  private static @Nullable MethodHandle currentExecutorOf(Class<?> type) {
    Class<?> thread = superclass(type, THREAD);
    if (thread == null || thread == io.netty.util.concurrent.FastThreadLocalThread.class) {
      return null;
    }
    String name = thread.getName();
    String prefix = name.substring(0, name.length() - THREAD.length());
    try {
      Class<?> executors = Class.forName(prefix + EXECUTORS, true, thread.getClassLoader());
      Method current = executors.getMethod("currentExecutor");
      return MethodHandles.publicLookup()
          .unreflect(current)
          .asType(MethodType.methodType(Object.class));
    } catch (ReflectiveOperationException | LinkageError e) {
      return null; // this Netty is too old to have the method
    }
  }

  private static @Nullable Class<?> superclass(Class<?> type, String suffix) {
    Class<?> found = type;
    while (found != null && !found.getName().endsWith(suffix)) {
      found = found.getSuperclass();
    }
    return found;
  }

  @Override
  public boolean inLoop() {
    return currentExecutor() == executor;
  }

  @Override
  public void execute(Runnable task) {
    executor.execute(task);
  }

  @Override
  public boolean hasOneThread() {
    return HAS_ONE_THREAD.get(executor.getClass());
  }

  @Override
  public Runnable onTermination(Runnable action) {
    try {
      Object termination = methodOf(executor, GROUP, "terminationFuture").invoke(executor);
      Method add = methodOf(termination, PACKAGE + "Future", "addListener");
      Method remove = methodOf(termination, PACKAGE + "Future", "removeListener");
      Class<?> type = add.getParameterTypes()[0];
      Object listener =
          Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, listener(action));
      add.invoke(termination, listener);
      return () -> withdraw(remove, termination, listener);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the end of " + this + " cannot be followed", e);
    }
  }

  private InvocationHandler listener(Runnable action) {
    return (self, method, arguments) ->
        switch (method.getName()) {
          case "equals" -> self == arguments[0];
          case "hashCode" -> System.identityHashCode(self);
          case "toString" -> "the end of " + this;
          default -> {
            if (executor.isTerminated()) {
              action.run();
            }
            yield null;
          }
        };
  }

  private static void withdraw(Method remove, Object termination, Object listener) {
    try {
      remove.invoke(termination, listener);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A method as its interface has it, which is public where the class of the object may not be. */
  private static Method methodOf(Object object, String suffix, String name)
      throws NoSuchMethodException {
    for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
      Class<?> found = superinterface(type, suffix);
      if (found != null) {
        return Arrays.stream(found.getMethods())
            .filter(method -> method.getName().equals(name))
            .findFirst()
            .orElseThrow(() -> new NoSuchMethodException(found + "." + name));
      }
    }
    throw new NoSuchMethodException(object.getClass() + " is no " + suffix);
  }

  private static @Nullable Class<?> superinterface(Class<?> type, String suffix) {
    for (Class<?> each : type.getInterfaces()) {
      Class<?> found = each.getName().endsWith(suffix) ? each : superinterface(each, suffix);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ForeignNettyLoop && ((ForeignNettyLoop) other).executor == executor;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(executor);
  }

  @Override
  public String toString() {
    return "ForeignNettyLoop(" + executor + ")";
  }
}
