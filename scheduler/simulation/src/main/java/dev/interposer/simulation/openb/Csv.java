package dev.interposer.simulation.openb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A small table with a heading; no quoting, which these traces do not use. */
final class Csv {
    private final Path file;
    private final List<String> heading;
    private final List<List<String>> rows;

    private Csv(Path file, List<String> heading, List<List<String>> rows) {
        this.file = file;
        this.heading = heading;
        this.rows = rows;
    }

    static Csv read(Path file) throws TraceException {
        try {
            List<List<String>> rows = new ArrayList<>();
            for (String line : Files.readAllLines(file)) {
                rows.add(List.of(line.split(",", -1)));
            }
            if (rows.isEmpty()) {
                throw new TraceException(file + " is empty");
            }
            return new Csv(file, rows.getFirst(), rows.subList(1, rows.size()));
        } catch (IOException e) {
            throw new TraceException(file + " can't be read: " + e.getMessage());
        }
    }

    int size() {
        return rows.size();
    }

    int column(String name) throws TraceException {
        int column = heading.indexOf(name);
        if (column < 0) {
            throw new TraceException(file + " has no column " + name + ". Its columns are " + heading);
        }
        return column;
    }

    /** Number of a column that some lists of the family leave out; −1 when this one does. */
    int optionalColumn(String name) {
        return heading.indexOf(name);
    }

    String text(int row, int column) throws TraceException {
        if (column >= rows.get(row).size()) {
            throw new TraceException(at(row, column) + " is missing");
        }
        return rows.get(row).get(column);
    }

    long number(int row, int column, long least, long most) throws TraceException {
        String text = text(row, column);
        try {
            long number = Long.parseLong(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new TraceException(at(row, column) + " (" + text + ") must be a whole number");
        }
        throw new TraceException(at(row, column) + " (" + text + ") must be between " + least + " and " + most);
    }

    private String at(int row, int column) {
        return file + " line " + (row + 2) + " column " + heading.get(Math.min(column, heading.size() - 1));
    }
}
