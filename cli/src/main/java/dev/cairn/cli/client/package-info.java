/**
 * A small HTTP/1.1 client for the service, over TCP, TLS and UNIX sockets alike. The one of the JDK
 * knows no UNIX sockets and takes 0.2 s to load, which is most of the time of a short command.
 */
@NullMarked
package dev.cairn.cli.client;

import org.jspecify.annotations.NullMarked;
