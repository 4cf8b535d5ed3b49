/**
 * What Confidential Containers expect of an attestation agent, byte for byte: which register an
 * event goes to, the log's records and headers, the evidence of each platform. Knows no server.
 */
@NullMarked
package dev.cairn.coco;

import org.jspecify.annotations.NullMarked;
