/**
 * Decodes bytes into events and encodes answers as bytes: the JSON of the topics and the headers of
 * the output records. Every input is decoded: what can't be used becomes a {@link
 * dev.sluice.event.Event.Malformed} with its reason. Imports {@code event}, jackson-core and the
 * JDK.
 */
@NullMarked
package dev.sluice.codec;

import org.jspecify.annotations.NullMarked;
