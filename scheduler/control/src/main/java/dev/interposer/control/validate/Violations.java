package dev.interposer.control.validate;

import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.FieldError;
import dev.interposer.control.command.Rejection;
import dev.interposer.control.command.Utf8;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects everything that is wrong, so that one answer names it all. */
final class Violations {
    private static final int MOST = 64;
    private static final int MOST_LABEL = 63;
    private static final int MOST_SUBDOMAIN = 253;

    private final List<FieldError> errors = new ArrayList<>();
    private boolean onlyUnsupported = true;

    void invalid(String path, Object value, String message) {
        onlyUnsupported = false;
        add(path, value, message);
    }

    void unsupported(String path, Object value, String message) {
        add(path, value, message + " is not supported by this version. Maybe leave it out?");
    }

    void require(boolean holds, String path, Object value, String message) {
        if (!holds) {
            invalid(path, value, message);
        }
    }

    void within(String path, long value, long least, long most) {
        if (value < least || value > most) {
            invalid(path, value, "must be between " + least + " and " + most);
        }
    }

    void text(String path, String value, int mostBytes) {
        require(Utf8.bytes(value) <= mostBytes, path, value, "is longer than " + mostBytes + " bytes");
    }

    /** A short text in each place of a list that has a bound itself. */
    void texts(String path, List<String> values, int most, int mostBytes) {
        within(path, values.size(), 0, most);
        for (int index = 0; index < Math.min(values.size(), most); index++) {
            text(path + "[" + index + "]", values.get(index), mostBytes);
        }
    }

    /** A DNS label: lower-case letters, digits and dashes, at most 63. */
    void label(String path, String value) {
        require(
                isName(value, MOST_LABEL, false),
                path,
                value,
                "must be a DNS label: at most 63 lower-case letters, digits and '-', no '-' at either end");
    }

    /** A DNS subdomain: labels with dots between, at most 253 characters. */
    void name(String path, String value) {
        require(
                isName(value, MOST_SUBDOMAIN, true),
                path,
                value,
                "must be a DNS subdomain: at most 253 lower-case letters, digits, '-' and '.'");
    }

    /** An ISO date. */
    void date(String path, String value) {
        try {
            LocalDate.parse(value);
        } catch (DateTimeParseException e) {
            invalid(path, value, "must be a date such as 2029-12-31");
        }
    }

    /** By hand and not by a pattern: it is asked of the names of every job. */
    private static boolean isName(String value, int most, boolean dots) {
        int length = value.length();
        if (length == 0 || length > most || !isLetter(value.charAt(0)) || !isLetter(value.charAt(length - 1))) {
            return false;
        }
        for (int at = 1; at < length - 1; at++) {
            char letter = value.charAt(at);
            if (!isLetter(letter) && letter != '-' && !(dots && letter == '.')) {
                return false;
            }
        }
        return true;
    }

    private static boolean isLetter(char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
    }

    List<FieldError> errors() {
        return List.copyOf(errors);
    }

    @Nullable
    Rejection rejection() {
        if (errors.isEmpty()) {
            return null;
        }
        return Rejection.of(onlyUnsupported ? ErrorCode.UNSUPPORTED : ErrorCode.INVALID, errors);
    }

    private void add(String path, Object value, String message) {
        if (errors.size() < MOST) {
            errors.add(new FieldError(path, String.valueOf(value), message));
        }
    }
}
