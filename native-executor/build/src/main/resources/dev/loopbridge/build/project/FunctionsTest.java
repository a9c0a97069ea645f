package @PACKAGE@;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.loopbridge.NativeException;
import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class @CLASS@Test {

  private static NativeRuntime runtime;
  private static @CLASS@ functions;

  @BeforeAll
  static void open() {
    runtime = NativeRuntime.create(NativeLibrary.load("@LIBRARY@"));
    functions = new @CLASS@(runtime);
  }

  @AfterAll
  static void close() {
    runtime.close();
  }

  @Test
  void greets() throws Exception {
    Guest guest = new Guest("Ada", "Dr.");
    assertEquals("Hello, Dr. Ada!", functions.greet(guest, Duration.ZERO).await());
  }

  @Test
  void anErrorOfRustIsThrown() {
    Guest nobody = new Guest("", null);
    assertThrows(
        NativeException.class, () -> functions.greet(nobody, Duration.ZERO).await());
  }

  @Test
  void counts() throws Exception {
    assertEquals(Map.of("tea", 2L, "and", 1L), functions.countWords("Tea and tea").await());
  }
}
