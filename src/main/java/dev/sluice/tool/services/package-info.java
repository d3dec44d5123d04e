/**
 * What the tool's operations need of the world outside: clients, time, ids. Made once, by the
 * command line, and handed down; imports no operation.
 */
@NullMarked
package dev.sluice.tool.services;

import org.jspecify.annotations.NullMarked;
