/** Rust futures as Reactor's {@code Mono}, and owner loops as its {@code Scheduler}. */
module dev.loopbridge.reactor {
  requires transitive dev.loopbridge.core;
  requires transitive org.reactivestreams;
  requires transitive reactor.core;
  requires static context.propagation;
  requires static org.jspecify;
  requires static reactor.blockhound;

  exports dev.loopbridge.reactor;

  provides dev.loopbridge.spi.LoopFinder with
      dev.loopbridge.reactor.SchedulerLoopFinder;
}
