package dev.interposer.cli.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** A column of numbers in a file, by which the processes of a run hand over what they saw. */
final class Columns {
    private Columns() {}

    static void write(Path file, long[] column) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(column.length * Long.BYTES);
        bytes.asLongBuffer().put(column);
        Files.write(file, bytes.array());
    }

    static long[] read(Path file) throws IOException {
        LongBuffer numbers = ByteBuffer.wrap(Files.readAllBytes(file)).asLongBuffer();
        long[] column = new long[numbers.remaining()];
        numbers.get(column);
        return column;
    }
}
