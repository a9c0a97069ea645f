package dev.loopbridge.examples;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The rules for the head of every request, whatever its route. */
final class HeadRules {

  /** The longest first line, and the most bytes of all headers together. */
  static final int MAX_LINE = 4096;

  static final int MAX_HEADERS = 8192;

  /** A name, an IPv4 or a bracketed IPv6 address, then perhaps a port; may be empty. */
  private static final Pattern HOST =
      Pattern.compile("([A-Za-z0-9._~%!$&'()*+,;=-]*|\\[[0-9A-Fa-f:.]+])(:[0-9]{0,5})?");

  private static final Pattern ABSOLUTE =
      Pattern.compile("https?://[^/?#]*", Pattern.CASE_INSENSITIVE);

  private HeadRules() {}

  /**
   * Returns why a request is refused, or null. In that case the request has been normalised so that
   * both engines read it alike: HTTP/1.0 or 1.1, with a target that begins with a slash.
   */
  static @Nullable Refusal apply(HttpRequest head) {
    Throwable broken = head.decoderResult().cause();
    if (broken != null) {
      return malformed(broken);
    }
    HttpVersion version = head.protocolVersion();
    if (version.majorVersion() != 1) {
      return new Refusal(
          505, "bad_version", version + " is not spoken here; expected HTTP/1.1 or HTTP/1.0");
    }
    boolean isOld = version.minorVersion() == 0;
    if (version.minorVersion() > 1) {
      head.setProtocolVersion(HttpVersion.HTTP_1_1);
    }
    HttpHeaders headers = head.headers();
    List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
    if (hosts.size() > 1 || hosts.isEmpty() && !isOld) {
      return new Refusal(
          400, "bad_host", "there are " + hosts.size() + " Host headers; expected one");
    }
    if (!hosts.isEmpty() && !HOST.matcher(hosts.get(0)).matches()) {
      return new Refusal(400, "bad_host", "the Host header is not of the form NAME or NAME:PORT");
    }
    // No answer depends on the host, and the two engines treat it differently.
    headers.set(HttpHeaderNames.HOST, "localhost");
    List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
    if (!codings.isEmpty()
        && !(codings.size() == 1
            && HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.get(0)))) {
      return new Refusal(
          501, "bad_transfer_encoding", "the body's transfer encoding is not known; use chunked");
    }
    String expectation = headers.get(HttpHeaderNames.EXPECT);
    if (expectation != null) {
      if (!HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expectation)) {
        return new Refusal(417, "bad_expect", "an expectation is not known; use 100-continue");
      }
      if (isOld) {
        headers.remove(HttpHeaderNames.EXPECT);
      }
    }
    return applyToTarget(head);
  }

  private static @Nullable Refusal applyToTarget(HttpRequest head) {
    String target = head.uri();
    Matcher absolute = ABSOLUTE.matcher(target);
    if (absolute.lookingAt()) {
      // The form of a request to a proxy. Its host is ignored, like the Host header.
      String rest = target.substring(absolute.end());
      target = rest.startsWith("/") ? rest : "/" + rest;
    }
    if (!target.startsWith("/")) {
      return new Refusal(
          400, "bad_target", "the request's target is no path; expected one that begins with /");
    }
    head.setUri(target);
    return null;
  }

  /** The refusal of a request or body that cannot be parsed further. */
  static Refusal malformed(Throwable reason) {
    if (reason instanceof TooLongHttpLineException) {
      return new Refusal(
          414, "url_too_long", "the first line is longer than " + MAX_LINE + " bytes");
    }
    if (reason instanceof TooLongHttpHeaderException) {
      return new Refusal(
          431, "headers_too_large", "the headers take more than " + MAX_HEADERS + " bytes");
    }
    return new Refusal(400, "bad_request", "this is not HTTP/1.1 as RFC 9112 describes it");
  }
}
