package dev.interposer.engine.fleet;

import java.util.Arrays;

/** A growing set of small integers with a summary above its words, so that finding the next one skips empty ground. */
final class Bits {
    private long[] words = new long[1];
    private long[] summary = new long[1];
    private int size;

    boolean set(int index) {
        int word = index >>> 6;
        if (word >= words.length) {
            words = Arrays.copyOf(words, Math.max(word + 1, words.length * 2));
            summary = Arrays.copyOf(summary, (words.length + 63) >>> 6);
        }
        long bit = 1L << index;
        if ((words[word] & bit) != 0) {
            return false;
        }
        words[word] |= bit;
        summary[word >>> 6] |= 1L << word;
        size++;
        return true;
    }

    boolean clear(int index) {
        int word = index >>> 6;
        long bit = 1L << index;
        if (word >= words.length || (words[word] & bit) == 0) {
            return false;
        }
        words[word] &= ~bit;
        if (words[word] == 0) {
            summary[word >>> 6] &= ~(1L << word);
        }
        size--;
        return true;
    }

    boolean get(int index) {
        int word = index >>> 6;
        return word < words.length && (words[word] & 1L << index) != 0;
    }

    /** Eight members from {@code 8 × number} on, as bits. */
    int octet(int number) {
        int word = number >>> 3;
        return word < words.length ? (int) (words[word] >>> ((number & 7) << 3)) & 0xFF : 0;
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** The smallest member at or above {@code from}, or −1. */
    int next(int from) {
        int word = from >>> 6;
        if (word >= words.length) {
            return -1;
        }
        long rest = words[word] & -1L << from;
        if (rest != 0) {
            return (word << 6) + Long.numberOfTrailingZeros(rest);
        }
        int above = word + 1;
        int group = above >>> 6;
        if (group >= summary.length) {
            return -1;
        }
        long full = summary[group] & -1L << above;
        while (full == 0) {
            if (++group >= summary.length) {
                return -1;
            }
            full = summary[group];
        }
        int found = (group << 6) + Long.numberOfTrailingZeros(full);
        return (found << 6) + Long.numberOfTrailingZeros(words[found]);
    }
}
