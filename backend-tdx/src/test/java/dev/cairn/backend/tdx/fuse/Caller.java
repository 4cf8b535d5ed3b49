package dev.cairn.backend.tdx.fuse;

/**
 * Who makes a system call.
 *
 * @param uid user
 * @param gid group; further groups are not known
 * @param thread its thread id; 0 when the kernel acts by itself
 */
public record Caller(int uid, int gid, int thread) {}
