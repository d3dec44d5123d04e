/**
 * What tests on real processes share. Comes in: the scripts of {@code deploy/local} and the jars
 * that the build put into {@code target/}. Goes out: a running broker and Flink cluster as an
 * object. Imports the JDK and Kafka's clients only.
 */
@NullMarked
package dev.sluice.support;

import org.jspecify.annotations.NullMarked;
