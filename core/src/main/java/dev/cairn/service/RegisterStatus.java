package dev.cairn.service;

import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterDescriptor;
import java.util.Optional;

/**
 * One register at one moment, between two batches.
 *
 * @param descriptor what the backend says about it
 * @param value what it holds now; nothing if it cannot be read
 * @param replayed what the committed log replays to; a register without records has its start
 *     value. Nothing for one that is only OBSERVED: the log says nothing about it
 * @param records committed records of this register, unmeasured ones included
 * @param state whether the two agree
 * @param reason why the state is not OK, for people; nothing if it is
 * @param startValueOrigin where the value came from that the register held before its first record,
 *     for people: {@code reset value}, {@code firmware log, 4 records}, {@code unexplained: …}
 */
public record RegisterStatus(
    RegisterDescriptor descriptor,
    Optional<DigestSet> value,
    Optional<DigestSet> replayed,
    long records,
    RegisterState state,
    Optional<String> reason,
    String startValueOrigin) {}
