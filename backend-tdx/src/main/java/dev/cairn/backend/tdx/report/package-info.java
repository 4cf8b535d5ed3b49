/**
 * Quotes from the kernel, through configfs {@code tsm/report}. Door: {@link
 * dev.cairn.backend.tdx.report.TdxQuoteSource}. One thread, the sequencer's.
 *
 * @see "Linux drivers/virt/coco/guest/report.c, Documentation/ABI/testing/configfs-tsm-report"
 */
@NullMarked
package dev.cairn.backend.tdx.report;

import org.jspecify.annotations.NullMarked;
