package org.micropay.vts.appliance.log;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * The log at a glance, for {@code /v1/status}.
 *
 * @param origin its name
 * @param key its verifier key
 * @param leaves grants and proofs that the publisher has read
 * @param size leaves that the shown checkpoint covers
 * @param root of the shown checkpoint, hex; absent before the first
 * @param secondsSinceSigned since the shown checkpoint was signed; -1 before the first
 * @param witnesses names of those whose cosignature the shown checkpoint has
 * @param trouble why nothing new is shown; absent when all is well
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LogStatus(
    String origin,
    String key,
    long leaves,
    long size,
    String root,
    long secondsSinceSigned,
    List<String> witnesses,
    String trouble) {}
