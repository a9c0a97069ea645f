package dev.loopbridge.vertx;

import io.vertx.core.ThreadingModel;

class VertxWorkerTest extends VertxLoopContract {

  VertxWorkerTest() {
    super(ThreadingModel.WORKER);
  }
}
