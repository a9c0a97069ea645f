/** A Spring Boot application that owns a native runtime. */
@NullMarked
package dev.loopbridge.examples.spring;

import org.jspecify.annotations.NullMarked;
