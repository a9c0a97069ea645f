package dev.loopbridge.reactor;

class LocalMonoSettleTest extends MonoSettleTest {

  @Override
  protected boolean loopDriven() {
    return true;
  }
}
