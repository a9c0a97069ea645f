package dev.loopbridge.reactor;

import org.slf4j.helpers.BasicMDCAdapter;
import org.slf4j.helpers.NOP_FallbackServiceProvider;
import org.slf4j.spi.MDCAdapter;

/** Logs nothing, but keeps a logging context; found by SLF4J. */
public final class MdcProvider extends NOP_FallbackServiceProvider {

  private final MDCAdapter context = new BasicMDCAdapter();

  @Override
  public MDCAdapter getMDCAdapter() {
    return context;
  }
}
