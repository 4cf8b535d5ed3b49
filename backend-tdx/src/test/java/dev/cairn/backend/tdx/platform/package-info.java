/**
 * A platform that signs TDX quotes as a real one does, under certificates of its own. It stands for
 * the hardware and shares no code with what is tested.
 */
@NullMarked
package dev.cairn.backend.tdx.platform;

import org.jspecify.annotations.NullMarked;
