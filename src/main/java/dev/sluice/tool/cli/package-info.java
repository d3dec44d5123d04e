/**
 * The command-line tool: one class for each verb, which parses, calls the other packages of {@code
 * tool}, and prints. Results go to stdout, everything else to stderr.
 */
@NullMarked
package dev.sluice.tool.cli;

import org.jspecify.annotations.NullMarked;
