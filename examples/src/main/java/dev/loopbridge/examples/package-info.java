/** The thumbnail server, once on Reactor Netty and once on Vert.x, and two short programs. */
@NullMarked
package dev.loopbridge.examples;

import org.jspecify.annotations.NullMarked;
