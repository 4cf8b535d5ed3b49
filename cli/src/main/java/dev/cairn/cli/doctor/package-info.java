/**
 * What there is on this machine, and what would work: runtime, folders, devices. Only looks;
 * extends nothing, creates nothing, waits for nothing.
 */
@NullMarked
package dev.cairn.cli.doctor;

import org.jspecify.annotations.NullMarked;
