/** For those who write adapters, loops and codecs. */
package dev.loopbridge.spi;
