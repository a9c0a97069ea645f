package dev.loopbridge.vertx;

import io.vertx.core.ThreadingModel;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

@EnabledForJreRange(min = JRE.JAVA_21)
class VertxVirtualThreadTest extends VertxLoopContract {

  VertxVirtualThreadTest() {
    super(ThreadingModel.VIRTUAL_THREAD);
  }
}
