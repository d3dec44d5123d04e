package dev.sluice.tool.savepoint;

import dev.sluice.tool.receipt.Receipt;
import java.util.List;

/**
 * What was found where a snapshot's files should be.
 *
 * @param files every file that is there, as long as it is, with the SHA-256 of its bytes
 * @param problems a sentence for each file that is missing, has another length or can't be read;
 *     empty if the snapshot is complete
 * @param unread those of the problems that say no more than that the file system has failed
 */
public record FileCheck(
    List<Receipt.StoredFile> files, List<String> problems, List<String> unread) {}
