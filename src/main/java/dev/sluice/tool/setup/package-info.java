/**
 * The files of a new job: settings, topics, the meaning of its CSV's columns and a sample of its
 * events. Asks the brokers only to create topics.
 */
@NullMarked
package dev.sluice.tool.setup;

import org.jspecify.annotations.NullMarked;
