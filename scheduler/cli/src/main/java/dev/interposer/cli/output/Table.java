package dev.interposer.cli.output;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Columns as wide as they need to be, two spaces between. */
public final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... headings) {
        rows.add(List.of(headings));
    }

    public void row(Object... cells) {
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            String text = String.valueOf(cell);
            row.add(text.isEmpty() ? "-" : text);
        }
        rows.add(row);
    }

    List<String> headings() {
        return rows.getFirst();
    }

    List<List<String>> cells() {
        return rows.subList(1, rows.size());
    }

    boolean isEmpty() {
        return rows.size() == 1;
    }

    public void print(PrintWriter out) {
        print(out, Colours.OFF);
    }

    public void print(PrintWriter out, Colours colours) {
        lines(colours).forEach(out::println);
        out.flush();
    }

    List<String> lines(Colours colours) {
        int[] widths = widths(new int[0]);
        return rows.stream().map(row -> line(row, widths, colours)).toList();
    }

    /** Of each column the widest cell, no less than before. */
    int[] widths(int[] before) {
        int[] widths = Arrays.copyOf(before, headings().size());
        for (List<String> row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        return widths;
    }

    String line(List<String> row, int[] widths, Colours colours) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String cell = row.get(column);
            line.append(colours.cell(headings().get(column), cell));
            if (column < widths.length - 1) {
                line.repeat(' ', widths[column] - cell.length() + 2);
            }
        }
        return line.toString();
    }
}
