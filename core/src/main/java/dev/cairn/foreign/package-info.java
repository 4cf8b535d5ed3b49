/**
 * What others extended, found in the logs that they keep: {@link dev.cairn.foreign.StartOrigins}
 * says where a register's first value comes from, {@link dev.cairn.foreign.ForeignExtends} which of
 * their extends lie between two values of it.
 *
 * <p>Knows logs and values, neither Cairn's own log nor a device: what is found is proven by the
 * value that it leads to, whatever a log claims. Streams; memory and work are bounded. One thread.
 */
@NullMarked
package dev.cairn.foreign;

import org.jspecify.annotations.NullMarked;
