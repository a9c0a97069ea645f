package dev.loopbridge;

class LocalStageSettleTest extends StageSettleTest {

  @Override
  protected boolean loopDriven() {
    return true;
  }
}
