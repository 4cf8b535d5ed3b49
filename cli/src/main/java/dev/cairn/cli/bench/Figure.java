package dev.cairn.cli.bench;

/**
 * One measured figure.
 *
 * @param name what, with dots: {@code extend.64-clients}
 * @param value how much
 * @param unit of {@code value}
 * @param note conditions, for people
 */
public record Figure(String name, double value, String unit, String note) {}
