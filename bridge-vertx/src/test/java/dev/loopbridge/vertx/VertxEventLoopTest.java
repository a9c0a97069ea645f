package dev.loopbridge.vertx;

import io.vertx.core.ThreadingModel;

class VertxEventLoopTest extends VertxLoopContract {

  VertxEventLoopTest() {
    super(ThreadingModel.EVENT_LOOP);
  }
}
