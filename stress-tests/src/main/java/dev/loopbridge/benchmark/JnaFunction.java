package dev.loopbridge.benchmark;

import com.sun.jna.Function;
import com.sun.jna.Pointer;

/** The native function by JNA. */
final class JnaFunction {

  private final Function fib = Function.getFunction(new Pointer(HandWritten.fibAddress()));

  long fib(long index) {
    return fib.invokeLong(new Object[] {index});
  }
}
