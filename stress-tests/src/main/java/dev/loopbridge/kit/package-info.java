/**
 * What races, suites and benchmark share: {@link dev.loopbridge.kit.Fn} names the functions under
 * test, {@link dev.loopbridge.kit.Work} makes calls of every kind with what must come of them,
 * {@link dev.loopbridge.kit.Driver} drives these and looks at what is left, {@link
 * dev.loopbridge.kit.ThreadLoop} is the plainest loop, and {@link dev.loopbridge.kit.Child} a JVM
 * that a suite starts. It proves nothing by itself.
 */
package dev.loopbridge.kit;
