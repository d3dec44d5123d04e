/**
 * The behaviour of Flink itself, shown without any part of Sluice but the local cluster that the
 * tests run on. Each class can be handed to Flink's maintainers as it is.
 */
@NullMarked
package dev.sluice.flink;

import org.jspecify.annotations.NullMarked;
