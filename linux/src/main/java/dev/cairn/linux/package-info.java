/** The few system calls that the JDK does not offer, on open files. Blocks; never interrupted. */
@NullMarked
package dev.cairn.linux;

import org.jspecify.annotations.NullMarked;
