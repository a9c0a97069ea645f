package dev.loopbridge.vertx;

import dev.loopbridge.DeadlockHunt;
import dev.loopbridge.OwnerLoop;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource("dev.loopbridge.vertx.Verticles#kinds")
class VertxDeadlockTest extends DeadlockHunt {

  private final Vertx vertx = Verticles.vertx();

  @Parameter ThreadingModel kind;

  @Override
  protected OwnerLoop open() {
    return ContextCalls.of(Verticles.deploy(vertx, kind).context()).loop();
  }

  @Override
  protected void shutDown(OwnerLoop opened) {
    vertx.close();
  }

  @Override
  protected boolean refusesToWait() {
    return kind == ThreadingModel.EVENT_LOOP;
  }
}
