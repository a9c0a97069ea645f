/**
 * What the plugins of build tools share: it builds a Rust library with cargo, reads from the file
 * which functions and types it has, and generates the Java classes that call it. Nothing of the
 * library is run, so it may be one for another platform.
 *
 * <pre>{@code
 * LibraryMetadata library = LibraryMetadata.read(Path.of("target/cargo/release/liborders.so"));
 * new JavaSources(library, JavaOptions.of("shop.orders")).writeTo(Path.of("target/generated-sources/loopbridge"));
 * }</pre>
 */
@NullMarked
package dev.loopbridge.build;

import org.jspecify.annotations.NullMarked;
