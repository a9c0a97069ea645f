package dev.loopbridge.reactor;

import org.slf4j.helpers.BasicMDCAdapter;
import org.slf4j.helpers.NOP_FallbackServiceProvider;
import org.slf4j.spi.MDCAdapter;

/** An SLF4J provider that logs nothing but has an MDC. */
public final class MdcProvider extends NOP_FallbackServiceProvider {

  private final MDCAdapter context = new BasicMDCAdapter();

  @Override
  public MDCAdapter getMDCAdapter() {
    return context;
  }
}
