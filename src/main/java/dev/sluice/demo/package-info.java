/**
 * The demo's data and what a person sees of it: a file of real flights in, the contract's events
 * out to Kafka, and one live line from the job's REST interface and its evaluations. Imports {@code
 * ops} for reading evaluations; no other room imports it but {@code cli}.
 */
@NullMarked
package dev.sluice.demo;

import org.jspecify.annotations.NullMarked;
