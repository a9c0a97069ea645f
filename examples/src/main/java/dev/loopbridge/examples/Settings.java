package dev.loopbridge.examples;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Map;

/**
 * The server's settings in the environment; an empty variable counts as one that is not set.
 *
 * @param engine {@code vertx} or {@code reactor}
 * @param address the address to listen on; port 0 for any free one
 */
record Settings(String engine, InetSocketAddress address) {

  /**
   * Reads {@code ENGINE}, {@code HOST} and {@code PORT}.
   *
   * @throws IllegalArgumentException with the name of the variable that is wrong
   */
  static Settings of(Map<String, String> environment) {
    String engine = value(environment, "ENGINE", "vertx");
    if (!engine.equals("vertx") && !engine.equals("reactor")) {
      throw new IllegalArgumentException("ENGINE is \"" + engine + "\"; expected vertx or reactor");
    }
    String port = value(environment, "PORT", "8080");
    int number = port.matches("[0-9]{1,5}") ? Integer.parseInt(port) : -1;
    if (number < 0 || number > 65_535) {
      throw new IllegalArgumentException("PORT is \"" + port + "\"; expected 0 to 65535");
    }
    String host = value(environment, "HOST", "127.0.0.1");
    try {
      return new Settings(engine, new InetSocketAddress(InetAddress.getByName(host), number));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "HOST is \""
              + host
              + "\"; expected a name or address of this machine, or 0.0.0.0 for all of them");
    }
  }

  private static String value(Map<String, String> environment, String name, String standard) {
    String value = environment.getOrDefault(name, "").strip();
    return value.isEmpty() ? standard : value;
  }

  /** The address in the form that it has in a URL. */
  static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    boolean isLong = address.getAddress() instanceof Inet6Address;
    return (isLong ? "[" + host.replaceFirst("%.*", "") + "]" : host) + ":" + address.getPort();
  }
}
