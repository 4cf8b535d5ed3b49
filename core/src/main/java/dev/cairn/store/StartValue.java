package dev.cairn.store;

import dev.cairn.measure.DigestSet;

/**
 * What a register held when its epoch began.
 *
 * @param value in every active bank
 * @param origin where that value comes from, for people: {@code reset}, {@code CCEL}, …
 */
public record StartValue(DigestSet value, String origin) {}
