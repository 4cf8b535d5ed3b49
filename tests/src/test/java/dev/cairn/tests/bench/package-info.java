/**
 * Benchmarks, run by {@code bench/jmh} and by no build. Each class has beside the measured thing a
 * floor, what the bare physical step costs, in the same run: read ratios, not times.
 *
 * <p>{@code docs/benchmarks.md} says what is compared, how, and what was found.
 */
package dev.cairn.tests.bench;
