package dev.interposer.ledger.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes protobuf's wire format into one growing buffer. The same calls give the same bytes. */
final class WireWriter {
    private static final int VARINT = 0;
    private static final int LENGTH = 2;

    private byte[] bytes = new byte[256];
    private int size;

    int size() {
        return size;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    void varint(int field, long value) {
        raw(((long) field << 3) | VARINT);
        raw(value);
    }

    void string(int field, String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        raw(((long) field << 3) | LENGTH);
        raw(utf8.length);
        ensure(utf8.length);
        System.arraycopy(utf8, 0, bytes, size, utf8.length);
        size += utf8.length;
    }

    /** Begins a field of a length that is not known yet; give the result to {@link #end}. */
    int begin(int field) {
        raw(((long) field << 3) | LENGTH);
        ensure(1);
        size++;
        return size;
    }

    /**
     * Ends what {@link #begin} began: most are short, so one byte was left for the length and more are made when
     * needed.
     */
    void end(int start) {
        int length = size - start;
        int extra = lengthOf(length) - 1;
        if (extra > 0) {
            ensure(extra);
            System.arraycopy(bytes, start, bytes, start + extra, length);
        }
        size = start - 1;
        raw(length);
        size += length;
    }

    /** A number without a field, for packed lists. */
    void raw(long value) {
        ensure(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[size++] = (byte) ((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    private static int lengthOf(int value) {
        int length = 1;
        for (int rest = value >>> 7; rest != 0; rest >>>= 7) {
            length++;
        }
        return length;
    }

    private void ensure(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
        }
    }
}
