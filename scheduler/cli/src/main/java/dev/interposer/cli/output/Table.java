package dev.interposer.cli.output;

import java.io.PrintWriter;
import java.util.ArrayList;
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
        List<String> headings = rows.getFirst();
        int columns = headings.size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int column = 0; column < columns; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < columns; column++) {
                String cell = row.get(column);
                line.append(colours.cell(headings.get(column), cell));
                if (column < columns - 1) {
                    line.repeat(' ', widths[column] - cell.length() + 2);
                }
            }
            lines.add(line.toString());
        }
        return lines;
    }
}
