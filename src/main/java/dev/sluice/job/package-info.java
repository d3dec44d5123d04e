/**
 * The Flink job: settings, start checks, the graph and the keyed operator. Bytes come in from Kafka
 * and go out to Kafka; everything between is translated to and from the other rooms here, and only
 * here. May import every room but {@code cli}, {@code guard}, {@code ops} and {@code demo}.
 */
@NullMarked
package dev.sluice.job;

import org.jspecify.annotations.NullMarked;
