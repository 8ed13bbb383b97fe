package dev.interposer.cli.output;

import java.io.PrintWriter;

/**
 * Where tables go.
 *
 * @param wide whether the columns that few need are there too
 */
public record Page(PrintWriter out, Colours colours, boolean wide) {}
