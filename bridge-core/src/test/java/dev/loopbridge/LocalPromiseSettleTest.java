package dev.loopbridge;

class LocalPromiseSettleTest extends PromiseSettleTest {

  @Override
  protected boolean loopDriven() {
    return true;
  }
}
