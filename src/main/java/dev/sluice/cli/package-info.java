/**
 * The command-line tool: one verb, one class, which parses, calls {@code ops} or {@code demo} and
 * prints. Results go to stdout, everything else to stderr.
 */
@NullMarked
package dev.sluice.cli;

import org.jspecify.annotations.NullMarked;
