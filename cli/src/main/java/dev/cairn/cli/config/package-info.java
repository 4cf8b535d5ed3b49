/**
 * The configuration of the daemon: its keys, where their values come from, and what is said about a
 * wrong one. Knows no other part of Cairn.
 */
@NullMarked
package dev.cairn.cli.config;

import org.jspecify.annotations.NullMarked;
