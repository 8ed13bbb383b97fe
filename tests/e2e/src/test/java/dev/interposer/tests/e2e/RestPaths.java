package dev.interposer.tests.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the server serves over HTTP, by its own description. */
final class RestPaths {
    /** All that is open to anybody; whoever opens another path must come here. */
    static final List<String> PUBLIC =
            List.of("/q/health", "/q/health/live", "/q/health/ready", "/q/metrics", "/q/openapi");

    private static final Pattern PATH = Pattern.compile("  (/[^:]*):");
    private static final Pattern METHOD = Pattern.compile("    (get|put|post|patch|delete|head|options):");

    private RestPaths() {}

    /** {@code GET /api/v1/jobs/x/x} and so on: parameters of paths are {@code x}. */
    static List<String> read(String openapi) {
        List<String> paths = new ArrayList<>();
        String path = "";
        for (String line : openapi.lines().toList()) {
            Matcher matcher = PATH.matcher(line);
            if (matcher.matches()) {
                path = matcher.group(1).replaceAll("\\{[^}]*}", "x");
            }
            matcher = METHOD.matcher(line);
            if (matcher.matches()) {
                paths.add(matcher.group(1).toUpperCase(java.util.Locale.ROOT) + " " + path);
            }
        }
        return paths;
    }
}
