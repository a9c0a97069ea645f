/** The goals of Loopbridge's Maven plugin. */
@NullMarked
package dev.loopbridge.maven;

import org.jspecify.annotations.NullMarked;
