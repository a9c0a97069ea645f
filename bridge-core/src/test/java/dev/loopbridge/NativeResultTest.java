package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Records with wrong sizes and offsets: nothing outside of them is read, and no memory is allocated
 * by their sizes alone.
 */
class NativeResultTest {

  private final NativeRuntime runtime = Builtin.runtime();
  private final NettyLoop loop = NettyLoop.of(NettyNioLoopTest.newLoop());
  private final Port port = runtime.on(loop);
  private final NativeResult result = new NativeResult(port.state, port.steps);

  @AfterEach
  void closeAll() {
    NettyNioLoopTest.end(loop);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  private static ByteBuffer record(int outcome, int inlineLength) {
    ByteBuffer record =
        ByteBuffer.allocateDirect(RecordLayout.RECORD_BYTES).order(ByteOrder.nativeOrder());
    record.put(RecordLayout.COMPLETION_OUTCOME, (byte) outcome);
    record.putShort(RecordLayout.COMPLETION_OUTCOME + 2, (short) inlineLength);
    return record;
  }

  private void load(ByteBuffer record, String resultType) {
    result.load(record, 0);
    result.signature(Signature.parse(0, "async f()->" + resultType));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 36, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void bytesThatAreNotThere(int length) {
    ByteBuffer record = record(RecordLayout.VALUE, 40);
    record.putInt(RecordLayout.COMPLETION_PAYLOAD + 1, length);
    load(record, "bytes");
    assertThatThrownBy(result::bytesValue)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the outcome of f cannot be read");
  }

  @ParameterizedTest
  @CsvSource({
    RecordLayout.ERROR + ",0",
    RecordLayout.ERROR + ",-1",
    RecordLayout.ERROR + ",2147483647",
    RecordLayout.PANIC + ",-1",
    RecordLayout.PANIC + ",2147483647",
    RecordLayout.THROWN + ",1000000000",
    RecordLayout.REFUSED + ",-1"
  })
  void failuresWithoutTheirTexts(int outcome, int length) {
    ByteBuffer record = record(outcome, 5);
    record.putInt(RecordLayout.COMPLETION_PAYLOAD, length);
    load(record, "unit");
    assertThat(result.error())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the outcome of f cannot be read");
  }

  @Test
  void moreCausesThanThereIsRoomFor() {
    ByteBuffer record = record(RecordLayout.ERROR, 40);
    record.putInt(RecordLayout.COMPLETION_PAYLOAD + 12, Integer.MAX_VALUE);
    load(record, "unit");
    assertThat(result.error()).isInstanceOf(IllegalStateException.class);
  }
}
