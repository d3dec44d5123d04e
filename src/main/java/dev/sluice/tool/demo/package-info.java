/**
 * The demo's data and its display: a file of real flights comes in, events of the contract go out
 * to Kafka, and one live line shows the job's REST interface and its evaluations.
 */
@NullMarked
package dev.sluice.tool.demo;

import org.jspecify.annotations.NullMarked;
