package dev.cairn.backend.tdx.kernel;

/**
 * Whether an interface is there.
 *
 * @param kind which one
 * @param there whether it is; not whether this process may use it
 * @param text where it is or would be and, if it is missing, how to get it
 */
public record InterfaceProbe(InterfaceKind kind, boolean there, String text) {}
