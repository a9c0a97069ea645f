package dev.loopbridge;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** Finds what other modules add to this one. */
final class Services {

  private static final Logger LOG = System.getLogger(Services.class.getName());

  private Services() {}

  /**
   * The services of a type that this module's class loader finds. One that cannot be made is logged
   * and left out.
   *
   * @param consequence what its absence means
   */
  static <S> List<S> of(Class<S> type, String consequence) {
    List<S> found = new ArrayList<>();
    Iterator<S> services = ServiceLoader.load(type, type.getClassLoader()).iterator();
    boolean more = true;
    while (more) {
      try {
        more = services.hasNext();
        if (more) {
          found.add(services.next());
        }
      } catch (ServiceConfigurationError | LinkageError e) {
        LOG.log(Level.ERROR, "a " + type.getSimpleName() + " cannot be used; " + consequence, e);
      }
    }
    return found;
  }
}
