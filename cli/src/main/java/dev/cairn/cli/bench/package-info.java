/**
 * Measurements of the service as a whole, each beside a yardstick that runs in the same minute on
 * the same machine with the same client. Microbenchmarks are in the {@code tests} module.
 */
@NullMarked
package dev.cairn.cli.bench;

import org.jspecify.annotations.NullMarked;
