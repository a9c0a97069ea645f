/**
 * The classes that races, suites and benchmark share: {@link dev.loopbridge.kit.Fn} names the
 * functions under test, {@link dev.loopbridge.kit.Work} makes calls of every kind with their right
 * outcome, {@link dev.loopbridge.kit.Driver} drives these calls and checks what is left, {@link
 * dev.loopbridge.kit.ThreadLoop} is the plainest loop, and {@link dev.loopbridge.kit.Child} is a
 * JVM that a suite starts. The package proves nothing by itself.
 */
package dev.loopbridge.kit;
