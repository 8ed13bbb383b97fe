package dev.interposer.server.view;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Constants as people read them: {@code WAIT_FOR_FENCE} is {@code WaitForFence}. */
public final class Names {
    private static final Map<Enum<?>, String> CAMEL = new ConcurrentHashMap<>();

    private Names() {}

    public static String camel(Enum<?> constant) {
        // Several of them are in each change of each job.
        return CAMEL.computeIfAbsent(constant, Names::make);
    }

    private static String make(Enum<?> constant) {
        StringBuilder name = new StringBuilder();
        for (String word : constant.name().split("_", -1)) {
            name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return name.toString();
    }
}
